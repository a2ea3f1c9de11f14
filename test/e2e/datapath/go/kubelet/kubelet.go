// Package kubelet is the part of a kubelet that `kubectl port-forward` needs: it connects ports of pods to addresses
// of this machine.
package kubelet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/streaming/pkg/httpstream/wsstream"
)

const (
	idleTimeout     = time.Minute
	creationTimeout = 10 * time.Second
)

// Main serves port forwards over HTTPS, as the API server asks for them, until the process ends.
func Main(arguments []string) error {
	flags := flag.NewFlagSet("kubelet", flag.ContinueOnError)
	listen := flags.String("listen", "", "`host:port` to listen on")
	table := flags.String("table", "", "JSON `file` with the address of each namespace/pod:port; read for each connection")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	// Both protocols of a port forward take the connection over, which HTTP/2 does not allow.
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}}
	listener, err := tls.Listen("tcp", *listen, config)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/portForward/{namespace}/{pod}", func(writer http.ResponseWriter, request *http.Request) {
		serve(writer, request, *table)
	})
	fmt.Println("ready")
	return http.Serve(listener, mux)
}

func serve(writer http.ResponseWriter, request *http.Request, table string) {
	var options *portforward.V4Options
	if wsstream.IsWebSocketRequest(request) {
		var err error
		if options, err = portforward.NewV4Options(request); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
	}
	pod := request.PathValue("namespace") + "/" + request.PathValue("pod")
	portforward.ServePortForward(writer, request, forwarder{table}, pod, "", options, idleTimeout, creationTimeout,
		portforward.SupportedProtocols)
}

// forwarder connects the ports in the table.
type forwarder struct{ table string }

// PortForward copies between the stream and what the table names for a port of a pod, until either side ends.
func (f forwarder) PortForward(
	_ context.Context, pod string, _ string, port int32, stream io.ReadWriteCloser,
) error {
	defer stream.Close()
	address, err := f.address(fmt.Sprintf("%s:%d", pod, port))
	if err != nil {
		return err
	}
	connection, err := net.DialTimeout("tcp", address, creationTimeout)
	if err != nil {
		return err
	}
	defer connection.Close()
	ended := make(chan error, 2)
	transfer := func(to io.Writer, from io.Reader) {
		_, err := io.Copy(to, from)
		ended <- err
	}
	go transfer(connection, stream)
	go transfer(stream, connection)
	return <-ended
}

func (f forwarder) address(key string) (string, error) {
	text, err := os.ReadFile(f.table)
	if err != nil {
		return "", err
	}
	addresses := map[string]string{}
	if err := json.Unmarshal(text, &addresses); err != nil {
		return "", err
	}
	if address, known := addresses[key]; known {
		return address, nil
	}
	return "", fmt.Errorf("nothing listens on %s", key)
}

// selfSigned makes a certificate; the API server checks a kubelet's only when it is told its authority.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: key}, nil
}
