package client

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// WebSocket opens a socket, sends messages one by one and waits for each echo.
func WebSocket(arguments []string) error {
	flags := flag.NewFlagSet("websocket", flag.ContinueOnError)
	target := flags.String("url", "", "ws URL")
	messages := flags.Int("messages", 3, "messages to send")
	text := flags.String("text", "hello", "text of each message")
	timeout := flags.Duration("timeout", 5*time.Second, "longest time for all of it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	result := map[string]any{"status": 0, "echoed": 0, "error": ""}
	result["echoed"] = talk(ctx, *target, *text, *messages, result)
	return json.NewEncoder(os.Stdout).Encode(result)
}

func talk(ctx context.Context, target, text string, messages int, result map[string]any) int {
	connection, response, err := websocket.Dial(ctx, target, &websocket.DialOptions{HTTPClient: http.DefaultClient})
	if response != nil {
		result["status"] = response.StatusCode
	}
	if err != nil {
		result["error"] = err.Error()
		return 0
	}
	defer connection.CloseNow()
	for echoed := range messages {
		if err := connection.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			result["error"] = err.Error()
			return echoed
		}
		if _, answer, err := connection.Read(ctx); err != nil || string(answer) != text {
			result["error"] = "no echo"
			return echoed
		}
	}
	_ = connection.Close(websocket.StatusNormalClosure, "") // The echoes are what is asked for.
	return messages
}

// TCP sends a text over a plain connection and reports what came back.
func TCP(arguments []string) error {
	flags := flag.NewFlagSet("tcp", flag.ContinueOnError)
	address := flags.String("address", "", "host:port")
	text := flags.String("text", "hello", "text to send")
	timeout := flags.Duration("timeout", 5*time.Second, "longest time for all of it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	answer, err := exchange(*address, *text, *timeout)
	result := map[string]string{"answer": answer, "error": ""}
	if err != nil {
		result["error"] = reason(err)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func exchange(address, text string, timeout time.Duration) (string, error) {
	connection, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if _, err := io.Copy(connection, strings.NewReader(text)); err != nil {
		return "", err
	}
	answer := make([]byte, len(text))
	size, err := io.ReadFull(connection, answer)
	return string(answer[:size]), err
}
