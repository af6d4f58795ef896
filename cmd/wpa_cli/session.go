package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gosupplicant/engine/ctrl/ctrlclient"
)

// session is the state of one run.
type session struct {
	options     options
	out, errs   io.Writer
	interactive bool
	prefix      string // "IFNAME=name " of the present command
	ended       bool   // by quit

	mu   sync.Mutex // conn, attached: the pinger and the prompt use them
	conn *ctrlclient.Conn
}

// target names what is connected to, for messages.
func (s *session) target() string {
	if s.options.global != "" {
		return s.options.global
	}
	if s.options.ifname == "" {
		return s.options.dir
	}
	return filepath.Join(s.options.dir, s.options.ifname)
}

// open connects, choosing the first interface when none was named.
func (s *session) open() error {
	if s.options.global != "" {
		if err := s.dial(s.options.global); err != nil {
			return err
		}
		if s.options.ifname == "" {
			s.choose() // for actions; the folder may well be missing
		}
		return nil
	}
	if s.options.ifname == "" {
		if err := s.choose(); err != nil {
			return err
		}
	}
	if strings.Contains(s.options.ifname, "/") {
		return fmt.Errorf("%q is no interface name", s.options.ifname)
	}
	return s.dial(filepath.Join(s.options.dir, s.options.ifname))
}

func (s *session) dial(path string) error {
	conn, err := ctrlclient.Dial(path, ctrlclient.Options{Dir: s.options.clientDir})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	return nil
}

// choose takes the first socket of the folder.
func (s *session) choose() error {
	names, err := sockets(s.options.dir)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no socket in %s: %w", s.options.dir, os.ErrNotExist)
	}
	s.options.ifname = names[0]
	fmt.Fprintf(s.out, "Selected interface '%s'\n", printable(names[0]))
	return nil
}

func (s *session) current() *ctrlclient.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

func (s *session) close() {
	s.mu.Lock()
	c := s.conn
	s.conn = nil
	s.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// sockets lists the interfaces with a socket in dir, in the folder's order, P2P
// device ones left out.
func sockets(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type() == os.ModeSocket && !strings.HasPrefix(e.Name(), "p2p-dev-") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// command runs one command of words and returns the exit status.
func (s *session) command(words []string) int {
	s.prefix = ""
	if len(words) > 1 && hasFold(words[0], "IFNAME=") {
		s.prefix = words[0] + " "
		words = words[1:]
	}
	c, fits := find(words[0])
	if c == nil {
		if len(fits) > 1 {
			fmt.Fprintf(s.out, "Ambiguous command '%s'; possible commands: %s\n", words[0], strings.Join(fits, " "))
		} else {
			fmt.Fprintf(s.out, "Unknown command '%s'\n", words[0])
		}
		return exitUnknown
	}
	args := words[1:]
	if c.local != nil {
		if len(args) < c.min {
			return s.refuse(c.tooFew())
		}
		return c.local(s, c, args)
	}
	req, err := c.request(args)
	if err != nil {
		return s.refuse(err)
	}
	return s.send(req)
}

func (s *session) refuse(err error) int {
	fmt.Fprintln(s.out, err)
	return exitFailed
}

// send makes a request and prints the reply.
func (s *session) send(req string) int {
	reply, rc := s.ask(req)
	if rc == exitOK {
		s.print(reply)
	}
	return rc
}

// print writes a reply; the prompt wants the end of a line behind it.
func (s *session) print(reply string) {
	if s.interactive && reply != "" && !strings.HasSuffix(reply, "\n") {
		reply += "\n"
	}
	io.WriteString(s.out, reply)
}

// ask makes a request. A failure is printed, and told by the status.
func (s *session) ask(req string) (string, int) {
	conn := s.current()
	if conn == nil {
		fmt.Fprintln(s.out, "Not connected to wpa_supplicant - command dropped.")
		return "", exitFailed
	}
	req = s.prefix + req
	if len(req) > maxRequest {
		return "", s.refuse(usageError("Too long command."))
	}
	reply, err := conn.Request(req, 0)
	name, _, _ := strings.Cut(req, " ")
	if strings.HasPrefix(name, "CTRL-RSP-") {
		name, _, _ = strings.Cut(name, ":")
	}
	switch {
	case errors.Is(err, ctrlclient.ErrTimeout):
		fmt.Fprintf(s.out, "'%s' command timed out.\n", name)
		return "", exitTimeout
	case err != nil:
		fmt.Fprintf(s.out, "'%s' command failed.\n", name)
		return "", exitFailed
	}
	return reply, exitOK
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// printable is text from outside as the terminal may see it: control
// characters become \xNN.
func printable(text string) string {
	if !strings.ContainsFunc(text, isControl) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			fmt.Fprintf(&b, "\\x%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
