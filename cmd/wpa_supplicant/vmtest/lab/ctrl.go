package lab

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Ctrl is a connection to a control socket: one datagram out, one back.
type Ctrl struct {
	t    T
	conn *net.UnixConn
}

var ctrlCount atomic.Int64

// DialCtrl connects to the control socket at path, waiting until it exists.
func DialCtrl(t T, path string) *Ctrl {
	t.Helper()
	WaitFile(t, path, true)
	local := filepath.Join(t.TempDir(), fmt.Sprintf("client%d", ctrlCount.Add(1)))
	conn, err := net.DialUnix("unixgram", &net.UnixAddr{Name: local, Net: "unixgram"}, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatalf("lab: control socket: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	return &Ctrl{t: t, conn: conn}
}

// In is the same connection, whose failures are those of another test.
func (c *Ctrl) In(t T) *Ctrl { return &Ctrl{t, c.conn} }

// Ask sends a command and returns the reply; events that come in between are
// passed over.
func (c *Ctrl) Ask(command string) string {
	c.t.Helper()
	reply, err := c.TryAsk(command)
	if err != nil {
		c.t.Fatalf("lab: control command %q: %v", command, err)
	}
	return reply
}

// TryAsk is Ask that reports failure.
func (c *Ctrl) TryAsk(command string) (string, error) {
	if _, err := c.conn.Write([]byte(command)); err != nil {
		return "", err
	}
	for {
		msg, err := c.receive(Patience)
		if err != nil || !isEvent(msg) {
			return msg, err
		}
	}
}

// Attach makes this connection receive events.
func (c *Ctrl) Attach() {
	c.t.Helper()
	if r := c.Ask("ATTACH"); r != "OK\n" {
		c.t.Fatalf("lab: ATTACH: %q", r)
	}
}

// WaitEvent waits for an event that contains text and returns it.
func (c *Ctrl) WaitEvent(text string) string {
	c.t.Helper()
	var seen []string
	deadline := time.Now().Add(Patience)
	for {
		msg, err := c.receive(time.Until(deadline))
		if err != nil {
			c.t.Fatalf("lab: waited for event %q: %v; seen:\n%s", text, err, strings.Join(seen, "\n"))
		}
		if isEvent(msg) && strings.Contains(msg, text) {
			return msg
		}
		seen = append(seen, msg)
	}
}

func (c *Ctrl) receive(limit time.Duration) (string, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return "", err
	}
	buf := make([]byte, 64<<10)
	n, err := c.conn.Read(buf)
	if err != nil {
		return "", err
	}
	if n == len(buf) {
		return "", errors.New("datagram too long")
	}
	return string(buf[:n]), nil
}

// isEvent: "<3>CTRL-EVENT-...", on the global socket behind "IFNAME=x ".
func isEvent(msg string) bool {
	if strings.HasPrefix(msg, "IFNAME=") {
		_, msg, _ = strings.Cut(msg, " ")
	}
	return len(msg) > 2 && msg[0] == '<' && msg[1] >= '0' && msg[1] <= '9' && msg[2] == '>'
}
