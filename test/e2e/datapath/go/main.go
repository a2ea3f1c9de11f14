// Command datapath holds the peers of the data-path tests: the stub agent, the protected app and the clients; and the kubelet of the
// tests of the status command.
package main

import (
	"fmt"
	"os"

	"sigsci-istio.test/datapath/agent"
	"sigsci-istio.test/datapath/app"
	"sigsci-istio.test/datapath/client"
	"sigsci-istio.test/datapath/kubelet"
)

var commands = map[string]func(arguments []string) error{
	"agent":     agent.Main,
	"app":       app.Main,
	"load":      client.Load,
	"grpc":      client.GRPC,
	"websocket": client.WebSocket,
	"tcp":       client.TCP,
	"kubelet":   kubelet.Main,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: datapath agent|app|load|grpc|websocket|tcp|kubelet [flags]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "datapath %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
