package client

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// callResult is what came back from a gRPC call.
type callResult struct {
	Code     string  `json:"code"`
	Message  string  `json:"message"`
	Received int     `json:"received"`
	Username string  `json:"username"`
	Seconds  float64 `json:"seconds"`
}

// GRPC makes one call: `unary`, or `pingpong`, a stream that waits for each answer before it sends on.
func GRPC(arguments []string) error {
	flags := flag.NewFlagSet("grpc", flag.ContinueOnError)
	address := flags.String("address", "", "host:port")
	mode := flags.String("mode", "unary", "unary or pingpong")
	messages := flags.Int("messages", 3, "messages of a stream")
	size := flags.Int("size", 16, "bytes in each message")
	timeout := flags.Duration("timeout", 5*time.Second, "longest time for the call")
	marker := flags.String("metadata", "", "value of the metadata key x-probe")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	connection, err := grpc.NewClient("passthrough:///"+*address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	if *marker != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-probe", *marker)
	}
	payload := &testgrpc.Payload{Body: make([]byte, *size)}
	service := testgrpc.NewTestServiceClient(connection)
	result := &callResult{}
	started := time.Now()
	switch *mode {
	case "unary":
		err = unary(ctx, service, payload, result)
	case "pingpong":
		err = pingPong(ctx, service, payload, *messages, result)
	default:
		return fmt.Errorf("unknown mode %q", *mode)
	}
	result.Seconds = time.Since(started).Seconds()
	result.Code, result.Message = status.Code(err).String(), status.Convert(err).Message()
	return json.NewEncoder(os.Stdout).Encode(result)
}

func unary(
	ctx context.Context, service testgrpc.TestServiceClient, payload *testgrpc.Payload, result *callResult,
) error {
	answer, err := service.UnaryCall(ctx, &testgrpc.SimpleRequest{Payload: payload})
	if err != nil {
		return err
	}
	if len(answer.GetPayload().GetBody()) == len(payload.GetBody()) {
		result.Received = 1
	}
	result.Username = answer.GetUsername()
	return nil
}

func pingPong(
	ctx context.Context, service testgrpc.TestServiceClient, payload *testgrpc.Payload, messages int, result *callResult,
) error {
	stream, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	for range messages {
		if err := stream.Send(&testgrpc.StreamingOutputCallRequest{Payload: payload}); err != nil && !errors.Is(err, io.EOF) {
			return err // With io.EOF the reason is what Recv says.
		}
		if _, err := stream.Recv(); err != nil {
			return err
		}
		result.Received++
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
