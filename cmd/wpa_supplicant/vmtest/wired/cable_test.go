//go:build wired

package wired

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
	"gosupplicant/engine/ctrl/ctrlclient"
)

// patience is how long a test waits for what should happen at once.
const patience = 20 * time.Second

// users is what the EAP server knows: outer identities, and "user" inside.
const users = `"tls" TLS
"peap" PEAP
"ttls" TTLS
"pwd" PWD "secret"
"md5" MD5 "secret"
"user" MSCHAPV2,TTLS-PAP,TTLS-MSCHAPV2 "secret" [2]
"gtc" GTC "secret" [2]
`

// output collects what a program prints.
type output struct {
	mu      sync.Mutex
	b       bytes.Buffer
	changed chan struct{}
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await waits for text.
func (o *output) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(patience)
	for {
		o.mu.Lock()
		found, changed := strings.Contains(o.b.String(), text), o.changed
		o.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("%q was not printed:\n%s", text, o)
		}
	}
}

// run starts a program that ends with the test.
func run(t *testing.T, env []string, argv ...string) *output {
	t.Helper()
	out := newOutput()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Env = out, out, append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			s := out.String()
			t.Logf("%s said:\n%s", filepath.Base(argv[0]), s[max(0, len(s)-6000):])
		}
	})
	return out
}

// cable is a veth pair with hostapd at one end and the daemon at the other.
type cable struct {
	t    *testing.T
	dir  string
	name string // of the daemon's end
	mon  *ctrlclient.Conn
	bus  *bustest.Client
	log  *output // of the daemon
	ap   *output // of hostapd
	t0   time.Time
}

var cables atomic.Int32

// options are what a cable differs in.
type options struct {
	server  string // certificate of the EAP server; "server.pem" when empty
	hostapd string // more lines of its configuration
	globals string // lines of the daemon's configuration before the network
	network string // lines of the network block
	after   string // lines behind the block
	program string // the daemon; the one under test when empty
	louder  string // -d and the like, or empty
}

// plug makes a cable. The daemon begins when its monitor is there, so that no
// event is missed; t0 is then. $PKI is the folder of certificates.
func plug(t *testing.T, o options) *cable {
	t.Helper()
	p := certificates(t)
	dir, err := os.MkdirTemp("", "w") // not t.TempDir: sockets have short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	n := cables.Add(1)
	c := &cable{t: t, dir: dir, name: fmt.Sprintf("sta%d", n)}
	ap := fmt.Sprintf("ap%d", n)
	for _, args := range []string{"link add " + c.name + " type veth peer name " + ap, "link set " + c.name + " up", "link set " + ap + " up"} {
		if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", args, err, out)
		}
	}
	t.Cleanup(func() { exec.Command("ip", "link", "del", c.name).Run() })
	if o.server == "" {
		o.server = "server.pem"
	}
	if o.program == "" {
		o.program = supplicant
	}
	c.write("users", users)
	hostapd := run(t, nil, "hostapd", "-d", c.write("hostapd.conf", "interface="+ap+"\ndriver=wired\nieee8021x=1\neap_server=1\neapol_version=2\nuse_pae_group_addr=1\n"+
		"eap_user_file="+dir+"/users\nca_cert="+p.path("ca.pem")+"\nserver_cert="+p.path(o.server)+"\nprivate_key="+p.path("server.key")+"\npwd_group=19\n"+o.hostapd))
	hostapd.await(t, "AP-ENABLED")
	c.ap = hostapd
	b := bustest.Start(t, bustest.Config{})
	c.bus = b.Connect()
	c.bus.Listen("type='signal',interface='fi.w1.wpa_supplicant1.Interface'")
	conf := fmt.Sprintf("ctrl_interface=%s/c\nap_scan=0\n%s\nnetwork={\nkey_mgmt=IEEE8021X\n%s\n}\n%s\n", dir, o.globals, o.network, o.after)
	c.log = run(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + b.Address()},
		o.program, "-u"+o.louder, "-W", "-Dwired", "-i"+c.name, "-c"+c.write("w.conf", strings.ReplaceAll(conf, "$PKI", p.dir)))
	c.attach()
	return c
}

func (c *cable) write(name, text string) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// attach makes the test a monitor, once there is a socket.
func (c *cable) attach() {
	c.t.Helper()
	c.log.await(c.t, "Successfully initialized")
	for limit := time.Now().Add(patience); ; {
		var err error
		if c.mon, err = ctrlclient.Dial(filepath.Join(c.dir, "c", c.name), ctrlclient.Options{Dir: c.dir}); err == nil {
			break
		}
		if time.Now().After(limit) {
			c.t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	c.t.Cleanup(func() { c.mon.Close() })
	c.t0 = time.Now()
	if err := c.mon.Attach(); err != nil {
		c.t.Fatal(err)
	}
}

// until takes events up to the first that begins with one of the prefixes.
func (c *cable) until(prefixes ...string) (events []string) {
	c.t.Helper()
	for {
		e, err := c.mon.Next(patience)
		if err != nil {
			c.t.Fatalf("waiting for %q: %v; came:\n%s", prefixes, err, strings.Join(events, "\n"))
		}
		events = append(events, e.Text)
		for _, p := range prefixes {
			if strings.HasPrefix(e.Text, p) {
				return events
			}
		}
	}
}

// ask makes a request of the control socket.
func (c *cable) ask(cmd string) string {
	c.t.Helper()
	r, err := c.mon.Request(cmd, patience)
	if err != nil {
		c.t.Fatalf("%s: %v", cmd, err)
	}
	return r
}

// cli runs wpa_cli.
func (c *cable) cli(args ...string) string {
	c.t.Helper()
	out, err := exec.Command(wpaCLI, append([]string{"-p", filepath.Join(c.dir, "c"), "-s", c.dir, "-i", c.name}, args...)...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("wpa_cli %v: %v: %s", args, err, out)
	}
	return string(out)
}

const (
	busName   = "fi.w1.wpa_supplicant1"
	busIface  = busName + ".Interface"
	ifacePath = bus.ObjectPath("/fi/w1/wpa_supplicant1/Interfaces/0")
)

// signals waits for an EAP signal with that status and returns all signals of the
// interface up to it, as text.
func (c *cable) signals(status string) []string {
	c.t.Helper()
	var out []string
	c.bus.Until("EAP "+status, func(seen []bustest.Arrival) bool {
		out = nil
		for _, a := range seen {
			if a.Signal == nil || a.Signal.Interface != busIface {
				continue
			}
			args, err := a.Signal.Args()
			if err != nil {
				continue
			}
			out = append(out, a.Signal.Member+" "+bustest.Text(args...))
			if a.Signal.Member == "EAP" && args[0] == status {
				return true
			}
		}
		return false
	})
	return out
}

// has checks that some line contains all the words.
func has(t *testing.T, what string, lines []string, words ...string) {
	t.Helper()
	for _, l := range lines {
		all := true
		for _, w := range words {
			all = all && strings.Contains(l, w)
		}
		if all {
			return
		}
	}
	t.Errorf("%s: no line with %q:\n%s", what, words, strings.Join(lines, "\n"))
}
