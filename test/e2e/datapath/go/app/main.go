// Package app is the protected workload: HTTP and WebSocket, gRPC and raw TCP, each on a port of its own.
// It reports what reached it, so that a test can tell what the proxy let through and what it changed.
package app

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"

	"google.golang.org/grpc"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"

	"sigsci-istio.test/datapath/control"
)

// requestIDHeader is set by the agent on every request that it has let through.
const requestIDHeader = "x-sigsci-request-id"

// arrivals counts what reached the app; `inspected` had been seen by the agent.
type arrivals struct {
	requests, inspected, tcp, inFlight, mostAtOnce atomic.Int64
}

// enter counts an HTTP request as under way and returns the function that ends it.
func (a *arrivals) enter() func() {
	now := a.inFlight.Add(1)
	for most := a.mostAtOnce.Load(); now > most && !a.mostAtOnce.CompareAndSwap(most, now); {
		most = a.mostAtOnce.Load()
	}
	return func() { a.inFlight.Add(-1) }
}

func (a *arrivals) add(requestID string) {
	a.requests.Add(1)
	if requestID != "" {
		a.inspected.Add(1)
	}
}

func (a *arrivals) reply(writer http.ResponseWriter) {
	control.Reply(writer, map[string]int64{
		"requests": a.requests.Load(), "inspected": a.inspected.Load(), "tcp": a.tcp.Load(),
		"mostAtOnce": a.mostAtOnce.Load(),
	})
}

// Main runs the app until it is told to stop.
func Main(arguments []string) error {
	flags := flag.NewFlagSet("app", flag.ContinueOnError)
	var web, rpc, raw control.Addresses
	flags.Var(&web, "http", "host:port for HTTP and WebSocket; may be repeated")
	flags.Var(&rpc, "grpc", "host:port for gRPC; may be repeated")
	flags.Var(&raw, "tcp", "host:port of a TCP echo; may be repeated")
	socket := flags.String("control", "", "path of the control socket")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if len(web) == 0 || *socket == "" {
		return errors.New("-http and -control are needed")
	}
	seen := &arrivals{}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: routes(seen), Protocols: protocols}
	if err := serve(web, server.Serve); err != nil {
		return err
	}
	calls := grpc.NewServer()
	testgrpc.RegisterTestServiceServer(calls, &echo{seen: seen})
	if err := serve(rpc, calls.Serve); err != nil {
		return err
	}
	if err := serve(raw, func(listener net.Listener) error { return echoTCP(listener, seen) }); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /counts", func(writer http.ResponseWriter, _ *http.Request) { seen.reply(writer) })
	mux.HandleFunc("POST /reset", func(writer http.ResponseWriter, _ *http.Request) {
		seen.requests.Store(0)
		seen.inspected.Store(0)
		seen.tcp.Store(0)
		seen.mostAtOnce.Store(seen.inFlight.Load())
		seen.reply(writer)
	})
	return control.Serve(*socket, mux)
}

// serve opens every address before it returns and ends the process when one stops serving.
func serve(addresses []string, run func(net.Listener) error) error {
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() {
			if err := run(listener); err != nil {
				fmt.Fprintln(os.Stderr, "app:", err)
				os.Exit(1)
			}
		}()
	}
	return nil
}
