package logs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Entry is one line.
type Entry struct {
	Time   time.Time
	Level  slog.Level
	Ifname string // empty outside interface context
	Kind   string // the constant message, the key of the rate limit
	Text   string // message with attributes, without the interface prefix
	Attrs  []slog.Attr
	Quiet  bool // made by the control front end, which tells its monitors itself
}

// Line is the text as upstream prints it, without timestamp.
func (e *Entry) Line() string {
	if e.Ifname == "" {
		return e.Text
	}
	return e.Ifname + ": " + e.Text
}

// Sink takes finished lines. It is called with the hub's lock held: it must not
// log.
type Sink interface {
	Write(e *Entry, timestamp bool)
	// Reopen opens the target anew (log rotation).
	Reopen() error
	Close() error
}

// KeyIfname is the attribute that names the interface; KeyQuiet marks a line
// that monitors have been told of already.
const (
	KeyIfname = "ifname"
	KeyQuiet  = "\x00quiet"
)

// Quiet marks a record as already sent to control monitors.
func Quiet() slog.Attr { return slog.Bool(KeyQuiet, true) }

// Log is l.LogAttrs, but for the caller's place in the program: nobody asks for it,
// and to find it costs more than the rest.
func Log(l *slog.Logger, level slog.Level, text string, attrs ...slog.Attr) {
	ctx := context.Background()
	if !l.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(time.Now(), level, text, 0)
	r.AddAttrs(attrs...)
	l.Handler().Handle(ctx, r) // a hub has nobody to tell an error
}

// Limits of the ring and of repeated messages: of one kind and interface,
// limitBurst lines pass, and one more each limitEvery.
const (
	ringSize   = 512
	limitBurst = 40
	limitEvery = time.Second
	limitKinds = 1024
)

// Hub is the root of all loggers.
type Hub struct {
	mu         sync.Mutex
	level      slog.Level
	timestamp  bool
	showKeys   bool
	sinks      []Sink
	ring       []Entry
	next       int
	monitor    func(Entry)
	monitorMin slog.Level
	limits     map[string]*limit
	lost       uint64
}

type limit struct {
	tokens     float64
	last       time.Time
	suppressed int
}

// New makes a hub that passes lines of level and above.
func New(level slog.Level) *Hub {
	return &Hub{level: level, monitorMin: LevelError + 1, limits: map[string]*limit{}}
}

// Logger is a logger without interface context.
func (h *Hub) Logger() *slog.Logger { return slog.New(&handler{hub: h}) }

// AddSink adds a target.
func (h *Hub) AddSink(s Sink) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sinks = append(h.sinks, s)
}

// SetMonitor makes f see every line of at least level min that is not Quiet, whatever the
// hub's level is. f is called from any goroutine, without the lock. min above
// LevelError stops it.
func (h *Hub) SetMonitor(min slog.Level, f func(Entry)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.monitor, h.monitorMin = f, min
}

// Level is the present threshold.
func (h *Hub) Level() slog.Level { h.mu.Lock(); defer h.mu.Unlock(); return h.level }

// SetLevel changes the threshold.
func (h *Hub) SetLevel(l slog.Level) { h.mu.Lock(); h.level = l; h.mu.Unlock() }

// Timestamp tells whether lines carry one.
func (h *Hub) Timestamp() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.timestamp }

// SetTimestamp switches timestamps.
func (h *Hub) SetTimestamp(on bool) { h.mu.Lock(); h.timestamp = on; h.mu.Unlock() }

// ShowKeys tells whether key material may be printed (-K).
func (h *Hub) ShowKeys() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.showKeys }

// SetShowKeys switches the printing of key material.
func (h *Hub) SetShowKeys(on bool) { h.mu.Lock(); h.showKeys = on; h.mu.Unlock() }

// Reopen opens every sink anew.
func (h *Hub) Reopen() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, s := range h.sinks {
		errs = append(errs, s.Reopen())
	}
	return errors.Join(errs...)
}

// Close closes every sink.
func (h *Hub) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, s := range h.sinks {
		errs = append(errs, s.Close())
	}
	h.sinks = nil
	return errors.Join(errs...)
}

// Recent returns the ring, oldest first.
func (h *Hub) Recent() []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]Entry, 0, len(h.ring))
	if len(h.ring) == ringSize {
		out = append(out, h.ring[h.next:]...)
		return append(out, h.ring[:h.next]...)
	}
	return append(out, h.ring...)
}

// Suppressed counts the lines the rate limit held back so far.
func (h *Hub) Suppressed() uint64 { h.mu.Lock(); defer h.mu.Unlock(); return h.lost }

func (h *Hub) enabled(l slog.Level) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return l >= h.level || l >= h.monitorMin
}

func (h *Hub) handle(e Entry) {
	h.mu.Lock()
	monitor := h.monitor
	if e.Quiet || e.Level < h.monitorMin {
		monitor = nil
	}
	if e.Level >= h.level {
		h.write(e)
	}
	h.mu.Unlock()
	if monitor != nil {
		monitor(e)
	}
}

func (h *Hub) write(e Entry) {
	pass, held := h.allow(&e)
	if !pass {
		return
	}
	if held > 0 {
		e.Text += fmt.Sprintf(" (%d more like this held back)", held)
	}
	if len(h.ring) < ringSize {
		h.ring = append(h.ring, e)
	} else {
		h.ring[h.next] = e
		h.next = (h.next + 1) % ringSize
	}
	for _, s := range h.sinks {
		s.Write(&e, h.timestamp)
	}
}

// allow is the rate limit; errors and debugging (what was asked for) pass.
func (h *Hub) allow(e *Entry) (pass bool, held int) {
	if e.Level >= LevelError || e.Level < LevelInfo {
		return true, 0
	}
	key := e.Ifname + "\x00" + kind(e.Kind)
	l := h.limits[key]
	if l == nil {
		if len(h.limits) >= limitKinds {
			clear(h.limits)
		}
		l = &limit{tokens: limitBurst, last: e.Time}
		h.limits[key] = l
	}
	l.tokens = min(l.tokens+float64(e.Time.Sub(l.last))/float64(limitEvery), limitBurst)
	l.last = e.Time
	if l.tokens < 1 {
		l.suppressed++
		h.lost++
		return false, 0
	}
	l.tokens--
	held, l.suppressed = l.suppressed, 0
	return true, held
}

// kind cuts a control event to its name: its parameters vary.
func kind(msg string) string {
	if strings.HasPrefix(msg, "CTRL-") {
		msg, _, _ = strings.Cut(msg, " ")
	}
	return msg
}

// handler is the slog side; immutable.
type handler struct {
	hub    *Hub
	ifname string
	attrs  []slog.Attr
	group  string
}

func (h *handler) Enabled(_ context.Context, l slog.Level) bool { return h.hub.enabled(l) }

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	e := Entry{Time: r.Time, Level: r.Level, Ifname: h.ifname, Kind: r.Message}
	e.Attrs = append(e.Attrs, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case KeyIfname:
			e.Ifname = a.Value.String()
		case KeyQuiet:
			e.Quiet = true
		default:
			e.Attrs = append(e.Attrs, h.qualify(a))
		}
		return true
	})
	e.Text = text(r.Message, e.Attrs)
	h.hub.handle(e)
	return nil
}

func (h *handler) qualify(a slog.Attr) slog.Attr {
	if h.group != "" {
		a.Key = h.group + "." + a.Key
	}
	return a
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	n := *h
	n.attrs = append([]slog.Attr(nil), h.attrs...)
	for _, a := range attrs {
		if a.Key == KeyIfname && h.group == "" {
			n.ifname = a.Value.String()
		} else {
			n.attrs = append(n.attrs, h.qualify(a))
		}
	}
	return &n
}

func (h *handler) WithGroup(name string) slog.Handler {
	n := *h
	if n.group != "" {
		name = n.group + "." + name
	}
	n.group = name
	return &n
}

// text appends attributes; values with blanks or control bytes are quoted.
func text(msg string, attrs []slog.Attr) string {
	if len(attrs) == 0 {
		return msg
	}
	var b strings.Builder
	b.WriteString(msg)
	for _, a := range attrs {
		v := a.Value.Resolve().String()
		if v == "" || strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }) {
			v = fmt.Sprintf("%q", v)
		}
		b.WriteString(" " + a.Key + "=" + v)
	}
	return b.String()
}
