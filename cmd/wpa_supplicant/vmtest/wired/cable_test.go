//go:build wired

package wired

import (
	"bytes"
	"cmp"
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

// users is what the EAP server knows: outer identities, and those inside. PSK's key
// is "0123456789abcdef"; the digits are the prefixes of SIM identities.
const users = `"tls" TLS
"peap" PEAP
"ttls" TTLS
"pwd" PWD "secret"
"md5" MD5 "secret"
"mschap" MSCHAPV2 "secret"
"token" GTC "secret"
"psk" PSK 30313233343536373839616263646566
"0"* AKA
"1"* SIM
"2"* AKA
"3"* SIM
"4"* AKA
"5"* SIM
"6"* AKA'
"7"* AKA'
"8"* AKA'
"user" MSCHAPV2,TTLS-PAP,TTLS-CHAP,TTLS-MSCHAP,TTLS-MSCHAPV2 "secret" [2]
"gtc" GTC "secret" [2]
"md5in" MD5 "secret" [2]
"tlsin" TLS [2]
"pwdin" PWD "secret" [2]
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
	tap  *tap    // of the frames on the daemon's end
	t0   time.Time
}

var cables atomic.Int32

// options are what a cable differs in.
type options struct {
	server  string // certificate of the EAP server; "server.pem" when empty
	key     string // and its key; "server.key" when empty
	hostapd string // more lines of its configuration
	users   string // more of those it knows
	openssl string // lines of the system's defaults for its TLS
	radius  string // port of the RADIUS server that does it instead
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
	c.tap = listen(t, c.name)
	if o.program == "" {
		o.program = supplicant
	}
	c.hostapd(ap, p, o)
	b := bustest.Start(t, bustest.Config{})
	c.bus = b.Connect()
	c.bus.Listen("type='signal',interface='fi.w1.wpa_supplicant1.Interface'")
	conf := fmt.Sprintf("ctrl_interface=%s/c\nap_scan=0\n%s\nnetwork={\nkey_mgmt=IEEE8021X\n%s\n}\n%s\n", dir, o.globals, o.network, o.after)
	c.log = run(t, []string{"DBUS_SYSTEM_BUS_ADDRESS=" + b.Address()},
		o.program, "-u"+o.louder, "-W", "-Dwired", "-i"+c.name, "-c"+c.write("w.conf", strings.ReplaceAll(conf, "$PKI", p.dir)))
	if o.program == supplicant { // the original answers nobody before its monitor is there
		c.awaitObject()
	}
	c.attach()
	return c
}

// awaitObject waits until the interface is on the bus: what it does before nobody
// hears there.
func (c *cable) awaitObject() {
	c.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		_, err := c.bus.Get(busName, ifacePath, busIface, "State")
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			c.t.Fatalf("no object on the bus: %v", err)
		}
	}
}

// hostapd starts the other end. It prints its keys: they are what must not be in the
// daemon's log.
func (c *cable) hostapd(ifname string, p pki, o options) {
	c.t.Helper()
	conf := "interface=" + ifname + "\ndriver=wired\nieee8021x=1\neapol_version=2\nuse_pae_group_addr=1\n"
	if o.radius != "" {
		conf += "own_ip_addr=127.0.0.1\nnas_identifier=test\nauth_server_addr=127.0.0.1\nauth_server_port=" + o.radius + "\nauth_server_shared_secret=radius\n"
	} else {
		conf += "eap_server=1\neap_user_file=" + c.write("users", o.users+users) + "\nca_cert=" + p.path("ca.pem") +
			"\nserver_cert=" + p.path(cmp.Or(o.server, "server.pem")) + "\nprivate_key=" + p.path(cmp.Or(o.key, "server.key")) + "\n"
		if !strings.Contains(o.hostapd, "pwd_group=") {
			conf += "pwd_group=19\n"
		}
	}
	openssl := c.write("openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"+o.openssl)
	c.ap = run(c.t, []string{"OPENSSL_CONF=" + openssl}, "hostapd", "-dd", "-K", c.write("hostapd.conf", conf+strings.ReplaceAll(o.hostapd, "$PKI", p.dir)))
	c.ap.await(c.t, "AP-ENABLED")
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
