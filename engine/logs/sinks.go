package logs

import (
	"fmt"
	"io"
	"log/slog"
	"log/syslog"
	"os"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// writerSink prints lines to a stream it does not own.
type writerSink struct{ w io.Writer }

// NewWriter prints to w, standard output as a rule.
func NewWriter(w io.Writer) Sink { return &writerSink{w} }

func (s *writerSink) Write(e *Entry, timestamp bool) {
	line := clean(e.Line()) + "\n"
	if timestamp {
		line = stamp(e) + line
	}
	io.WriteString(s.w, line) // nobody to tell when this fails
}

func (s *writerSink) Reopen() error { return nil }
func (s *writerSink) Close() error  { return nil }

// stamp is upstream's form: seconds and microseconds since 1970.
func stamp(e *Entry) string {
	return fmt.Sprintf("%d.%06d: ", e.Time.Unix(), e.Time.Nanosecond()/1000)
}

// clean keeps one entry on one line, whatever a peer put into it.
func clean(s string) string {
	if !strings.ContainsFunc(s, isControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isControl(r) {
			b.WriteString(fmt.Sprintf("\\x%02x", r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// fileSink appends to a file of its own.
type fileSink struct {
	path string
	f    *os.File
	writerSink
}

// OpenFile logs to the file at path, created when missing.
func OpenFile(path string) (Sink, error) {
	s := &fileSink{path: path}
	return s, s.Reopen()
}

func (s *fileSink) Reopen() error {
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("logs: %w", err)
	}
	if s.f != nil {
		s.f.Close()
	}
	s.f, s.w = f, f
	return nil
}

func (s *fileSink) Close() error { return s.f.Close() }

// syslogSink sends to the local syslog daemon, facility daemon.
type syslogSink struct{ w *syslog.Writer }

// OpenSyslog logs to syslog under tag.
func OpenSyslog(tag string) (Sink, error) {
	w, err := syslog.New(syslog.LOG_DAEMON|syslog.LOG_INFO, tag)
	if err != nil {
		return nil, fmt.Errorf("logs: syslog: %w", err)
	}
	return &syslogSink{w}, nil
}

func (s *syslogSink) Write(e *Entry, _ bool) {
	line := clean(e.Line())
	switch {
	case e.Level >= LevelError:
		s.w.Err(line)
	case e.Level >= LevelWarning:
		s.w.Warning(line)
	case e.Level >= LevelInfo:
		s.w.Notice(line)
	default:
		s.w.Debug(line)
	}
}

func (s *syslogSink) Reopen() error { return nil }
func (s *syslogSink) Close() error  { return s.w.Close() }

// journalSink sends structured fields to the systemd journal.
type journalSink struct{ tag string }

// Journal returns a journal sink when stream (standard output or error) is
// connected to the journal, as under a systemd unit; else ok is false.
func Journal(tag string, stream *os.File) (s Sink, ok bool) {
	conn, err := journal.StdoutIsJournalStream()
	if stream == os.Stderr {
		conn, err = journal.StderrIsJournalStream()
	}
	if err != nil || !conn || !journal.Enabled() {
		return nil, false
	}
	return &journalSink{tag}, true
}

func (s *journalSink) Write(e *Entry, _ bool) {
	vars := map[string]string{"SYSLOG_IDENTIFIER": s.tag, "WPA_LEVEL": strconv.Itoa(Number(e.Level))}
	if e.Ifname != "" {
		vars["WPA_IFNAME"] = e.Ifname
	}
	for _, a := range e.Attrs {
		vars[field(a)] = a.Value.Resolve().String()
	}
	journal.Send(clean(e.Line()), priority(e.Level), vars) // nobody to tell when this fails
}

func (s *journalSink) Reopen() error { return nil }
func (s *journalSink) Close() error  { return nil }

// field makes a journal field name: capitals, digits and underscores.
func field(a slog.Attr) string {
	return "WPA_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, a.Key)
}

func priority(l slog.Level) journal.Priority {
	switch {
	case l >= LevelError:
		return journal.PriErr
	case l >= LevelWarning:
		return journal.PriWarning
	case l >= LevelInfo:
		return journal.PriInfo
	}
	return journal.PriDebug
}
