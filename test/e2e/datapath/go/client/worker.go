package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"sigsci-istio.test/datapath/journal"
)

// worker keeps one request in flight. It speaks HTTP/1.1 by hand, because net/http repeats a request
// silently when a kept connection was closed, and then the counts would not be exact.
type worker struct {
	plan    *plan
	index   int
	started time.Time

	connection net.Conn
	reader     *bufio.Reader

	outcomes  map[string]int
	latencies []time.Duration
	oddities  []oddity
	dials     int
}

// oddity describes an answer that was not 200.
type oddity struct {
	AtMs    int64  `json:"atMs"`
	Outcome string `json:"outcome"`
	Body    string `json:"body"`
}

func (w *worker) work(stop <-chan struct{}) {
	defer w.hangUp()
	for turn := 0; ; turn++ {
		due := w.due(turn)
		select {
		case <-stop:
			return
		case <-time.After(time.Until(due)):
		}
		select {
		case <-stop:
			return
		default:
		}
		id := fmt.Sprintf("%s-%d-%d", w.plan.name, w.index, turn)
		sent := time.Now()
		outcome, body := w.ask(id)
		w.plan.journal.Write("%s %.3f %.3f %s", id, journal.Milliseconds(sent), journal.Milliseconds(time.Now()), outcome)
		// From the time it was due: a stall must not hide the requests it has held up.
		w.latencies = append(w.latencies, time.Since(due))
		w.outcomes[outcome]++
		if outcome != "200" && len(w.oddities) < samples {
			w.oddities = append(w.oddities, oddity{time.Since(w.started).Milliseconds(), outcome, body})
		}
		if w.connection == nil && outcome != "200" {
			time.Sleep(10 * time.Millisecond) // A refused connection must not become a busy loop.
		}
	}
}

// due is when a turn begins: at once, at its place in the rate, or together with all other workers.
func (w *worker) due(turn int) time.Time {
	switch {
	case w.plan.burst > 0:
		return w.started.Add(time.Duration(turn) * w.plan.burst)
	case w.plan.rate > 0:
		position := float64(w.index + turn*w.plan.concurrency)
		return w.started.Add(time.Duration(position / w.plan.rate * float64(time.Second)))
	}
	return time.Now()
}

func (w *worker) dial() error {
	w.dials++
	connection, err := net.DialTimeout("tcp", w.plan.target.Host, w.plan.timeout)
	if err != nil {
		return err
	}
	w.connection, w.reader = connection, bufio.NewReaderSize(connection, 4096)
	return nil
}

func (w *worker) ask(id string) (string, string) {
	if w.connection == nil {
		if err := w.dial(); err != nil {
			return "connect: " + reason(err), ""
		}
	}
	if err := w.connection.SetDeadline(time.Now().Add(w.plan.timeout)); err != nil {
		w.hangUp()
		return "deadline: " + reason(err), ""
	}
	if _, err := w.connection.Write(w.plan.numbered(id)); err != nil {
		w.hangUp()
		return "write: " + reason(err), ""
	}
	response, err := http.ReadResponse(w.reader, nil)
	if err != nil {
		w.hangUp()
		return "read: " + reason(err), ""
	}
	start := make([]byte, 120)
	size, err := io.ReadFull(response.Body, start)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		w.hangUp()
		return "body: " + reason(err), ""
	}
	if response.Close || !w.plan.keepAlive {
		w.hangUp()
	}
	return strconv.Itoa(response.StatusCode), string(start[:size])
}

func (w *worker) hangUp() {
	if w.connection != nil {
		_ = w.connection.Close() // Nothing is left to be read from it.
		w.connection = nil
	}
}

// reason shortens an error to a word, so that equal failures are counted together.
func reason(err error) string {
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	return fmt.Sprint(err)
}
