// Package journal writes one line for each event at once, so that nothing is lost with a process that is killed.
package journal

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// Header carries the number of a request from the client that keeps a journal to the agent that keeps one.
const Header = "x-load-request"

// Journal is a file that grows by whole lines. A nil Journal keeps nothing.
type Journal struct {
	mutex sync.Mutex
	file  *os.File
}

// Open begins a journal at path; an empty path gives none.
func Open(path string) (*Journal, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &Journal{file: file}, nil
}

// Write adds a line. What cannot be written ends the process: a test must not go on with half a journal.
func (j *Journal) Write(format string, values ...any) {
	if j == nil {
		return
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if _, err := fmt.Fprintf(j.file, format+"\n", values...); err != nil {
		fmt.Fprintln(os.Stderr, "journal:", err)
		os.Exit(1)
	}
}

// Milliseconds is a time as journals hold it: since 1970, with fractions.
func Milliseconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1000 }
