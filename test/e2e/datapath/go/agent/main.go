// Package agent is a stand-in for sigsci-agent's Envoy listener: ext_authz, gRPC access log and
// ext_proc on one port.
package agent

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"

	log "github.com/envoyproxy/go-control-plane/envoy/service/accesslog/v3"
	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	proc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"sigsci-istio.test/datapath/control"
	"sigsci-istio.test/datapath/journal"
)

// Main runs the agent until it is told to stop.
func Main(arguments []string) error {
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	var listen control.Addresses
	flags.Var(&listen, "listen", "host:port of the gRPC listener; may be repeated")
	socket := flags.String("control", "", "path of the control socket")
	run := flags.String("run", "run", "prefix of the request ids")
	path := flags.String("journal", "", "file that gets a line for each request")
	serves := flags.String("serves", "both", "ext_authz, ext_proc or both")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if len(listen) == 0 || *socket == "" {
		return errors.New("-listen and -control are needed")
	}
	lines, err := journal.Open(*path)
	if err != nil {
		return err
	}
	kept := &records{}
	open := newConnections()
	check := &checker{records: kept, connections: open, run: *run, journal: lines, now: behaviour{Mode: "ok", At: "requestHeaders"}}
	server := grpc.NewServer(grpc.MaxConcurrentStreams(1 << 20))
	if *serves != "ext_proc" {
		auth.RegisterAuthorizationServer(server, check)
	}
	if *serves != "ext_authz" {
		proc.RegisterExternalProcessorServer(server, &processor{checker: check})
	}
	log.RegisterAccessLogServiceServer(server, &accessLog{records: kept})
	healthpb.RegisterHealthServer(server, health.NewServer())
	for _, address := range listen {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() {
			if err := server.Serve(open.watch(listener)); err != nil {
				fmt.Fprintln(os.Stderr, "agent:", err)
				os.Exit(1)
			}
		}()
	}
	return control.Serve(*socket, endpoints(kept, check))
}

func endpoints(kept *records, check *checker) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /records", func(writer http.ResponseWriter, _ *http.Request) {
		checks, logs := kept.lists()
		control.Reply(writer, map[string]any{"counts": kept.count(), "checks": checks, "accessLog": logs})
	})
	mux.HandleFunc("GET /counts", func(writer http.ResponseWriter, _ *http.Request) { control.Reply(writer, kept.count()) })
	mux.HandleFunc("POST /reset", func(writer http.ResponseWriter, _ *http.Request) {
		kept.reset()
		control.Reply(writer, kept.count())
	})
	mux.HandleFunc("PUT /behaviour", func(writer http.ResponseWriter, request *http.Request) {
		var next behaviour
		if !control.Read(writer, request, &next) {
			return
		}
		if err := check.behave(next); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		control.Reply(writer, next)
	})
	return mux
}
