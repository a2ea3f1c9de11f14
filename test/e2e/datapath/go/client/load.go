// Package client drives the traffic of the data-path tests and reports exactly what came back, as one JSON document.
package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"sigsci-istio.test/datapath/journal"
)

// samples bounds how many unexpected answers are described.
const samples = 20

// headers collects repeated `name: value` flags.
type headers []string

// String is part of flag.Value.
func (h *headers) String() string { return strings.Join(*h, ", ") }

// Set is part of flag.Value.
func (h *headers) Set(value string) error {
	if !strings.Contains(value, ":") {
		return fmt.Errorf("%q has no colon", value)
	}
	*h = append(*h, value)
	return nil
}

type plan struct {
	target      *url.URL
	concurrency int
	duration    time.Duration
	rate        float64
	burst       time.Duration
	keepAlive   bool
	timeout     time.Duration
	message     []byte
	// journal takes a line for each request: its id, when it was sent and answered, and its outcome.
	journal *journal.Journal
	// name begins the ids of the journal's requests.
	name string
}

// Load sends requests until the duration ends (in bursts: starts no burst after it), or until standard input closes or SIGTERM arrives.
func Load(arguments []string) error {
	plan, err := parse(arguments)
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	var once sync.Once
	end := func() { once.Do(func() { close(stop) }) }
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-signals; end() }()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // Whatever ends the pipe ends the load.
		end()
	}()
	return json.NewEncoder(os.Stdout).Encode(plan.run(stop, end))
}

func parse(arguments []string) (*plan, error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	target := flags.String("url", "", "http URL to ask for")
	method := flags.String("method", "GET", "request method")
	bodyBytes := flags.Int("body-bytes", 0, "size of the request body")
	result := &plan{}
	flags.IntVar(&result.concurrency, "concurrency", 1, "requests in flight")
	flags.DurationVar(&result.duration, "duration", time.Minute, "longest time to run")
	flags.Float64Var(&result.rate, "rate", 0, "requests a second in all; 0: as fast as answers come")
	flags.DurationVar(&result.burst, "burst", 0, "pause between bursts, in each of which every connection asks once; 0: none")
	flags.BoolVar(&result.keepAlive, "keep-alive", true, "use a connection for more than one request")
	flags.DurationVar(&result.timeout, "timeout", 10*time.Second, "longest wait for one answer")
	path := flags.String("journal", "", "file that gets a line for each request")
	var extra headers
	flags.Var(&extra, "header", "`name: value`; may be repeated")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	parsed, err := url.Parse(*target)
	if err != nil {
		return nil, err
	}
	if parsed.Scheme != "http" || parsed.Port() == "" || result.concurrency < 1 {
		return nil, errors.New("-url must be http://host:port/path and -concurrency at least 1")
	}
	if result.journal, err = journal.Open(*path); err != nil {
		return nil, err
	}
	result.name = filepath.Base(*path)
	result.target = parsed
	result.message = message(parsed, *method, *bodyBytes, result.keepAlive, extra)
	return result, nil
}

func message(target *url.URL, method string, bodyBytes int, keepAlive bool, extra headers) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target.RequestURI(), target.Host)
	for _, line := range extra {
		text.WriteString(line + "\r\n")
	}
	if !keepAlive {
		text.WriteString("Connection: close\r\n")
	}
	if bodyBytes > 0 {
		fmt.Fprintf(&text, "Content-Length: %d\r\n", bodyBytes)
	}
	text.WriteString("\r\n" + strings.Repeat("x", bodyBytes))
	return []byte(text.String())
}

// numbered is the message with the id of the request, if a journal is kept.
func (p *plan) numbered(id string) []byte {
	if p.journal == nil {
		return p.message
	}
	line := fmt.Sprintf("\r\n%s: %s\r\n", journal.Header, id)
	return bytes.Replace(p.message, []byte("\r\n"), []byte(line), 1)
}

func (p *plan) run(stop <-chan struct{}, end func()) *summary {
	results := make([]*worker, p.concurrency)
	for index := range results {
		results[index] = &worker{plan: p, index: index, outcomes: map[string]int{}}
		if p.keepAlive {
			_ = results[index].dial() // The load is about requests; what fails here is dialled again and counted then.
		}
	}
	started := time.Now()
	time.AfterFunc(p.duration, end)
	var group sync.WaitGroup
	for _, one := range results {
		one.started = started
		group.Go(func() { one.work(stop) })
	}
	group.Wait()
	return summarise(results, time.Since(started))
}
