package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chzyer/readline"
	"golang.org/x/term"

	"gosupplicant/engine/ctrl/ctrlclient"
)

const (
	prompt       = "> "
	historyLines = 500
	retryEvery   = time.Second
)

// sharedWriter lets the prompt and the events write to one output.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

// lines is where commands come from: a terminal with editing, or a file.
type lines interface {
	next() (string, error) // io.EOF at the end
	remember(line string)
	close()
}

// runInteractive is the prompt: commands are run in the order typed while a
// second goroutine shows events, looks after the daemon, and connects again
// when it was lost.
func (s *session) runInteractive(stdin io.Reader) int {
	s.out = &sharedWriter{w: s.out}
	fmt.Fprintf(s.out, "wpa_cli %s\n%s\n\n", version, banner)
	if s.options.ifname != "" || s.options.global != "" {
		fmt.Fprintf(s.out, "Using %s\n\n", printable(s.target()))
	}
	in, err := s.input(stdin)
	if err != nil {
		fmt.Fprintf(s.errs, "wpa_cli: %v\n", err)
		return exitFailed
	}
	defer in.close()
	w := newWatcher(s)
	if err := w.connect(); err != nil {
		fmt.Fprintf(s.out, "Could not connect to wpa_supplicant: %s: %v - re-trying\n", s.target(), err)
	}
	fmt.Fprint(s.out, "Interactive mode\n\n")
	go w.run()
	defer w.end()
	for !s.ended {
		line, err := in.next()
		if err != nil {
			break
		}
		words := splitWords(line)
		if len(words) == 0 {
			continue
		}
		if !secretLine(words) {
			in.remember(line)
		}
		w.locked(func() { s.command(words) })
	}
	return exitOK
}

// secretLine tells whether a command must not be written into the history.
func secretLine(words []string) bool {
	if hasFold(words[0], "IFNAME=") {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	c, _ := find(words[0])
	return c != nil && c.secret || c == nil && len(words) > 1
}

// splitWords splits at blanks; a word in quotes keeps its quotes and its blanks
// as they are.
func splitWords(line string) []string {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		if line == "" {
			return words
		}
		end := strings.IndexAny(line, " \t\r\n")
		if line[0] == '"' {
			if last := strings.LastIndexByte(line, '"'); last > 0 {
				end = last + 1
			}
		}
		if end < 0 || end > len(line) {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
}

func (s *session) input(stdin io.Reader) (lines, error) {
	f, ok := stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &fileLines{bufio.NewReader(stdin), s.out}, nil
	}
	cfg := &readline.Config{
		Prompt: prompt, HistoryFile: historyFile(), HistoryLimit: historyLines,
		DisableAutoSaveHistory: true, AutoComplete: &completer{s: s}, Stdout: s.out,
	}
	rl, err := readline.NewEx(cfg)
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	s.out = rl.Stdout()
	return terminalLines{rl}, nil
}

// historyFile makes sure that nobody else reads the history; "" when there is
// no home.
func historyFile() string {
	home := os.Getenv("HOME")
	if home == "" {
		return ""
	}
	path := filepath.Join(home, ".wpa_cli_history")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return ""
	}
	f.Close()
	return path
}

type terminalLines struct{ rl *readline.Instance }

func (t terminalLines) next() (string, error) {
	for {
		line, err := t.rl.Readline()
		if errors.Is(err, readline.ErrInterrupt) && line != "" {
			continue
		}
		return line, err
	}
}
func (t terminalLines) remember(line string) { t.rl.SaveHistory(line) }
func (t terminalLines) close()               { t.rl.Close() }

// fileLines shows each command behind the prompt, so that a transcript reads
// like one made at a terminal.
type fileLines struct {
	r   *bufio.Reader
	out io.Writer
}

func (f *fileLines) next() (string, error) {
	line, err := f.r.ReadString('\n')
	if line == "" && err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	fmt.Fprintf(f.out, "%s%s\n", prompt, line)
	return line, nil
}
func (f *fileLines) remember(string) {}
func (f *fileLines) close()          {}

// watcher shows events and keeps the connection alive. lock is held by whoever
// uses the session: the prompt during a command, the watcher while it prints
// or connects.
type watcher struct {
	s    *session
	lock chan struct{}
	stop chan struct{}
	done chan struct{}
}

func newWatcher(s *session) *watcher {
	return &watcher{s: s, lock: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
}

func (w *watcher) locked(f func()) {
	w.lock <- struct{}{}
	defer func() { <-w.lock }()
	f()
}

// connect opens and attaches.
func (w *watcher) connect() error {
	if err := w.s.open(); err != nil {
		return err
	}
	if err := w.s.attach(); err != nil {
		w.s.close()
		return err
	}
	return nil
}

// attach asks for events. A daemon that refuses is used without.
func (s *session) attach() error {
	err := s.current().Attach()
	if errors.Is(err, ctrlclient.ErrTimeout) || errors.Is(err, ctrlclient.ErrClosed) {
		return err
	}
	if err != nil {
		fmt.Fprintf(s.out, "Warning: Failed to attach to wpa_supplicant: %v\n", err)
	}
	return nil
}

func (w *watcher) run() {
	defer close(w.done)
	ping := time.NewTicker(w.s.options.ping)
	defer ping.Stop()
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	for {
		var ready <-chan struct{}
		conn := w.s.current()
		if conn != nil {
			ready = conn.Ready()
		}
		select {
		case <-w.stop:
			return
		case <-ready:
			w.locked(w.events)
		case <-ping.C:
			w.locked(w.ping)
		case <-retry.C:
			w.locked(w.retry)
		}
	}
}

// end stops the watcher; a request it waits for is given up.
func (w *watcher) end() {
	close(w.stop)
	w.s.close()
	<-w.done
}

func (w *watcher) events() {
	conn := w.s.current()
	if conn == nil {
		return
	}
	events, err := conn.Events()
	for _, e := range events {
		if strings.HasPrefix(e.Text, "CTRL-EVENT-TERMINATING") {
			err = errors.New("the daemon ends")
		}
		if hiddenEvent(e) {
			continue
		}
		name := ""
		if e.Ifname != "" {
			name = "IFNAME=" + printable(e.Ifname) + " "
		}
		fmt.Fprintf(w.s.out, "%s<%d>%s\n", name, e.Level, printable(e.Text))
	}
	if err != nil {
		w.lost()
	}
}

// hiddenEvent: those that every scan brings by the dozen.
func hiddenEvent(e ctrlclient.Event) bool {
	return strings.HasPrefix(e.Text, "CTRL-EVENT-BSS-ADDED ") || strings.HasPrefix(e.Text, "CTRL-EVENT-BSS-REMOVED ")
}

func (w *watcher) lost() {
	fmt.Fprintln(w.s.out, "Connection to wpa_supplicant lost - trying to reconnect")
	w.s.close()
}

func (w *watcher) ping() {
	if conn := w.s.current(); conn != nil {
		if reply, err := conn.Request("PING", 0); err != nil || reply != "PONG\n" {
			w.lost()
		}
	}
}

func (w *watcher) retry() {
	if w.s.current() == nil && w.connect() == nil {
		fmt.Fprintln(w.s.out, "Connection to wpa_supplicant re-established")
	}
}
