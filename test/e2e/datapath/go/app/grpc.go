package app

import (
	"context"
	"errors"
	"io"
	"net"

	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
)

type echo struct {
	testgrpc.UnimplementedTestServiceServer
	seen *arrivals
}

func (e *echo) count(ctx context.Context) string {
	id := ""
	if values := metadata.ValueFromIncomingContext(ctx, requestIDHeader); len(values) > 0 {
		id = values[0]
	}
	e.seen.add(id)
	return id
}

// UnaryCall returns the payload, and the request id it came with as the user name.
func (e *echo) UnaryCall(ctx context.Context, call *testgrpc.SimpleRequest) (*testgrpc.SimpleResponse, error) {
	return &testgrpc.SimpleResponse{Payload: call.GetPayload(), Username: e.count(ctx)}, nil
}

// FullDuplexCall answers each message at once, before the next one arrives.
func (e *echo) FullDuplexCall(stream testgrpc.TestService_FullDuplexCallServer) error {
	e.count(stream.Context())
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&testgrpc.StreamingOutputCallResponse{Payload: message.GetPayload()}); err != nil {
			return err
		}
	}
}

// echoTCP sends back whatever arrives on each connection.
func echoTCP(listener net.Listener, seen *arrivals) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		seen.tcp.Add(1)
		go func() {
			defer connection.Close()
			_, _ = io.Copy(connection, connection) // Ends when either side closes.
		}()
	}
}
