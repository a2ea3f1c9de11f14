package agent

import (
	"net"
	"sync"
)

// connections remembers the open connections of a listener, so that they can be cut.
type connections struct {
	mutex sync.Mutex
	open  map[net.Conn]struct{}
}

func newConnections() *connections { return &connections{open: map[net.Conn]struct{}{}} }

// watch returns a listener whose connections are remembered until they close.
func (c *connections) watch(inner net.Listener) net.Listener {
	return &watched{Listener: inner, owner: c}
}

// cut closes every open connection at once, without an answer to what is under way.
func (c *connections) cut() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for connection := range c.open {
		_ = connection.Close() // A connection that is closed already is what is wanted.
	}
}

type watched struct {
	net.Listener
	owner *connections
}

func (w *watched) Accept() (net.Conn, error) {
	connection, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	remembered := &watchedConn{Conn: connection, owner: w.owner}
	w.owner.mutex.Lock()
	defer w.owner.mutex.Unlock()
	w.owner.open[connection] = struct{}{}
	return remembered, nil
}

type watchedConn struct {
	net.Conn
	owner *connections
}

func (w *watchedConn) Close() error {
	w.owner.mutex.Lock()
	delete(w.owner.open, w.Conn)
	w.owner.mutex.Unlock()
	return w.Conn.Close()
}
