// Package control serves JSON over HTTP on a Unix socket, so that a test can read and steer a peer
// without using one of the TCP ports that the test is about.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

// Serve answers on the Unix socket at path until the process is told to stop, then removes the socket.
func Serve(path string, mux *http.ServeMux) error {
	// A process that was killed has left its socket behind.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("control socket %s: %w", path, err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(listener, mux) }()
	// The line tells the parent that every listener is open.
	fmt.Println("ready")
	select {
	case <-stop:
		return listener.Close()
	case err := <-failed:
		return err
	}
}

// Reply writes value as JSON.
func Reply(writer http.ResponseWriter, value any) {
	writer.Header().Set("content-type", "application/json")
	if err := json.NewEncoder(writer).Encode(value); err != nil {
		fmt.Fprintln(os.Stderr, "control reply:", err)
	}
}

// Read decodes the request's JSON body into value, refusing unknown fields; false means an error was answered.
func Read(writer http.ResponseWriter, request *http.Request, value any) bool {
	decoder := json.NewDecoder(request.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// Addresses collects a flag that may be given several times.
type Addresses []string

// String is part of flag.Value.
func (a *Addresses) String() string { return fmt.Sprint(*a) }

// Set is part of flag.Value.
func (a *Addresses) Set(value string) error {
	*a = append(*a, value)
	return nil
}
