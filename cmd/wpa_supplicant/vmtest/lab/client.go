package lab

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

//go:embed client.py
var clientProgram string

// Client is a python3-dbus client that stays connected, so that calls come
// from one bus name and in order.
type Client struct {
	t   T
	in  io.WriteCloser
	out *bufio.Scanner
}

// Call is one method call. Args is a Python expression that gives a tuple, for
// instance "({'Type': 'active'},)"; dbus-python's type names may be used.
type Call struct {
	Dest   string `json:"dest,omitempty"` // "" is the supplicant
	Path   string `json:"path"`
	Iface  string `json:"iface,omitempty"`
	Member string `json:"member"`
	Sig    string `json:"sig,omitempty"`
	Args   string `json:"args,omitempty"`
}

// Answer is a reply or an error.
type Answer struct {
	Sig     string   `json:"sig"`     // of the reply
	Reply   string   `json:"reply"`   // values as text with their types, dictionaries sorted
	Plain   []any    `json:"plain"`   // values without types, byte strings in hexadecimal
	Error   string   `json:"error"`   // name, "" for a reply
	Message []string `json:"message"` // the error's string arguments
	Broken  string   `json:"broken"`  // the call could not be made
}

// String is one line: the reply with its signature, or the error.
func (a Answer) String() string {
	switch {
	case a.Broken != "":
		return "BROKEN " + a.Broken
	case a.Error != "":
		return fmt.Sprintf("error %s %q", a.Error, a.Message)
	case a.Sig == "":
		return "reply (nothing)"
	}
	return fmt.Sprintf("reply %s: %s", a.Sig, a.Reply)
}

// Client connects one.
func (b *Bus) Client() *Client {
	b.t.Helper()
	cmd := exec.Command("/usr/bin/python3", "-c", clientProgram)
	cmd.Env = append(os.Environ(), b.Env()...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		b.t.Fatalf("lab: python3: %v", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatalf("lab: python3: %v", err)
	}
	if err := cmd.Start(); err != nil {
		b.t.Fatalf("lab: python3: %v", err)
	}
	c := &Client{t: b.t, in: in, out: bufio.NewScanner(out)}
	c.out.Buffer(nil, 16<<20)
	b.t.Cleanup(func() {
		in.Close() // its end of input is its end
		_ = cmd.Wait()
	})
	if !c.out.Scan() {
		b.t.Fatalf("lab: python3-dbus did not connect: %v", c.out.Err())
	}
	return c
}

// Do makes a call and waits for the answer.
func (c *Client) Do(call Call) Answer {
	c.t.Helper()
	b, err := json.Marshal(call)
	if err != nil {
		c.t.Fatalf("lab: call: %v", err)
	}
	if _, err := c.in.Write(append(b, '\n')); err != nil {
		c.t.Fatalf("lab: python3-dbus: %v", err)
	}
	if !c.out.Scan() {
		c.t.Fatalf("lab: python3-dbus ended: %v", c.out.Err())
	}
	var a Answer
	if err := json.Unmarshal(c.out.Bytes(), &a); err != nil {
		c.t.Fatalf("lab: python3-dbus answered %q: %v", c.out.Text(), err)
	}
	return a
}

// Must is Do that fails the test unless a reply comes.
func (c *Client) Must(call Call) Answer {
	c.t.Helper()
	a := c.Do(call)
	if a.Error != "" || a.Broken != "" {
		c.t.Fatalf("lab: %s %s.%s%s: %s", call.Path, call.Iface, call.Member, call.Args, a)
	}
	return a
}

// Get reads a property, without its types.
func (c *Client) Get(path, iface, name string) any {
	c.t.Helper()
	a := c.Must(Call{Path: path, Iface: "org.freedesktop.DBus.Properties", Member: "Get",
		Sig: "ss", Args: fmt.Sprintf("(%q, %q)", iface, name)})
	return a.Plain[0]
}

// GetAll reads all properties of an interface, without their types.
func (c *Client) GetAll(path, iface string) map[string]any {
	c.t.Helper()
	a := c.Must(Call{Path: path, Iface: "org.freedesktop.DBus.Properties", Member: "GetAll",
		Sig: "s", Args: fmt.Sprintf("(%q,)", iface)})
	m, ok := a.Plain[0].(map[string]any)
	if !ok {
		c.t.Fatalf("lab: GetAll %s gave %T", iface, a.Plain[0])
	}
	return m
}
