package lab

import (
	"errors"
	"net"
	"strings"
	"sync"
	"time"
)

// Events are what a control socket tells a client that attached, in order.
type Events struct {
	t T
	*eventLog
}

type eventLog struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{} // closed and replaced with every event
	read  int           // events that Wait has gone past
	err   error         // why no more will come
}

// Events attaches this connection, which from now on only listens.
func (c *Ctrl) Events() *Events {
	c.t.Helper()
	c.Attach()
	e := &Events{c.t, &eventLog{news: make(chan struct{})}}
	if err := c.conn.SetReadDeadline(time.Time{}); err != nil {
		c.t.Fatalf("lab: events: %v", err)
	}
	go e.collect(c.conn)
	return e
}

// In is the same listener, whose failures are those of another test.
func (e *Events) In(t T) *Events { return &Events{t, e.eventLog} }

func (e *eventLog) collect(conn *net.UnixConn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		e.mu.Lock()
		if err != nil {
			e.err = err
		} else {
			e.lines = append(e.lines, strings.TrimSuffix(string(buf[:n]), "\n"))
		}
		close(e.news)
		e.news = make(chan struct{})
		e.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Wait returns the next event that contains every text, and fails the test when
// none comes within Patience.
func (e *Events) Wait(texts ...string) string {
	e.t.Helper()
	from := e.Mark()
	line, ok := e.TryWait(Patience, texts...)
	if !ok {
		e.t.Fatalf("lab: waited for event %q; since then:\n%s", texts, strings.Join(e.Since(from), "\n"))
	}
	return line
}

// TryWait is Wait that reports failure.
func (e *Events) TryWait(limit time.Duration, texts ...string) (string, bool) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		e.mu.Lock()
		for e.read < len(e.lines) {
			line := e.lines[e.read]
			e.read++
			if containsAll(line, texts) {
				e.mu.Unlock()
				return line, true
			}
		}
		news, err := e.news, e.err
		e.mu.Unlock()
		if err != nil && !errors.Is(err, net.ErrClosed) {
			return "", false
		}
		select {
		case <-news:
		case <-deadline.C:
			return "", false
		}
	}
}

func containsAll(line string, texts []string) bool {
	for _, t := range texts {
		if !strings.Contains(line, t) {
			return false
		}
	}
	return true
}

// Mark is the number of events that Wait has gone past.
func (e *Events) Mark() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.read
}

// Skip makes the next Wait begin with events that come from now on, and returns
// the mark there.
func (e *Events) Skip() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.read = len(e.lines)
	return e.read
}

// Since returns the events from a mark on.
func (e *Events) Since(mark int) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.lines[min(mark, len(e.lines)):]...)
}
