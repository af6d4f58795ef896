package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gosupplicant/engine/ctrl/ctrlclient"
)

func TestOptions(t *testing.T) {
	o, err := parseOptions(strings.Fields("-Br -a /bin/x -G3 -iwlan0 -p /d -- -x y"))
	if err != nil || !o.background || !o.reconnect || o.action != "/bin/x" || o.ping.Seconds() != 3 ||
		o.ifname != "wlan0" || o.dir != "/d" || !slices.Equal(o.args, []string{"-x", "y"}) {
		t.Fatalf("%+v, %v", o, err)
	}
	o, err = parseOptions(strings.Fields("-gpath set_network 0 psk -x"))
	if err != nil || o.global != "path" || len(o.args) != 4 {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, bad := range []string{"-z", "-i", "-G 0", "-G x", "-Bi"} {
		if o, err := parseOptions(strings.Fields(bad)); err == nil {
			t.Errorf("%s: %+v, no error", bad, o)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, tt := range []struct{ words, want string }{
		{"status", "STATUS"},
		{"STATUS verbose", "STATUS-VERBOSE"},
		{"status driver", "STATUS-DRIVER"},
		{"status x", "STATUS"},
		{"pin 3 12 34", "CTRL-RSP-PIN-3:12 34"},
		{"identity 0 me@example.org", "CTRL-RSP-IDENTITY-0:me@example.org"},
		{"password 0 two words", "CTRL-RSP-PASSWORD-0:two words"},
		{"new_password 1 a", "CTRL-RSP-NEW_PASSWORD-1:a"},
		{"otp 0 123456", "CTRL-RSP-OTP-0:123456"},
		{"passphrase 0 a", "CTRL-RSP-PASSPHRASE-0:a"},
		{"sim 0 GSM-AUTH:00:11", "CTRL-RSP-SIM-0:GSM-AUTH:00:11"},
		{"logon", "LOGON"},
		{"logoff", "LOGOFF"},
		{"reauthenticate", "REAUTHENTICATE"},
		{"psk_passphrase 0 a", "CTRL-RSP-PSK_PASSPHRASE-0:a"},
		{"set country", "SET country "},
		{"set country DE", "SET country DE"},
		{"bss_flush", "BSS_FLUSH 0"},
		{"autoscan", "AUTOSCAN "},
		{"autoscan periodic:3", "AUTOSCAN periodic:3"},
		{"preauthenticate 02:00:00:00:00:01", "PREAUTH 02:00:00:00:00:01"},
		{"blacklist clear", "BSSID_IGNORE clear"},
		{"interface_add wlan9 /etc/c", "INTERFACE_ADD wlan9\t/etc/c\t\t\t\t\t\t\t"},
		{"wps_reg any 123 n OPEN NONE k", "WPS_REG any 123 6e OPEN NONE 6b"},
		{"scan freq=2412 ssid 61", "SCAN freq=2412 ssid 61"},
		{"list_n", "LIST_NETWORKS"},
		{"nai_home_realm_list x", "HS20_GET_NAI_HOME_REALM_LIST x"},
	} {
		words := strings.Fields(tt.words)
		c, fits := find(words[0])
		if c == nil {
			t.Errorf("%s: not found, %v", tt.words, fits)
			continue
		}
		if got, err := c.request(words[1:]); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", tt.words, got, err, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range allCommands() {
		if seen[c.name] || c.name != strings.ToLower(c.name) || c.min < 0 {
			t.Errorf("row %q is doubtful", c.name)
		}
		seen[c.name] = true
		if c.min > 0 {
			if req, err := c.request(make([]string, c.min-1)); err == nil {
				t.Errorf("%s with %d arguments sends %q", c.name, c.min-1, req)
			}
		}
		if c.local == nil && c.min < 2 {
			if _, err := c.request([]string{strings.Repeat("x", maxRequest)}); err == nil && c.name != "status" {
				t.Errorf("%s sends more than %d bytes", c.name, maxRequest)
			}
		}
	}
}

func TestSecretsStayOutOfHistory(t *testing.T) {
	for line, want := range map[string]bool{
		"status": false, "set_network 0 psk x": true, "IFNAME=w0 password 0 x": true, "raw CTRL-RSP-PIN-0:1": true,
		"pa 0 x": true, "list_networks": false, "IFNAME=w0 status": false, "set_n": true,
	} {
		if got := secretLine(splitWords(line)); got != want {
			t.Errorf("%q: secret %v", line, got)
		}
	}
}

func TestSplitWords(t *testing.T) {
	for line, want := range map[string][]string{
		"":                                 nil,
		"  a \t b ":                        {"a", "b"},
		`set_network 0 ssid "two  words"`:  {"set_network", "0", "ssid", `"two  words"`},
		`set_network 0 ssid "a"b" `:        {"set_network", "0", "ssid", `"a"b"`},
		`x "open`:                          {"x", `"open`},
		`"`:                                {`"`},
		`set_network 0 identity "a" trail`: {"set_network", "0", "identity", `"a"`, "trail"},
	} {
		if got := splitWords(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestActions(t *testing.T) {
	a := newActions("wlan0", "/run/x")
	env := []string{"WPA_ID=3", "WPA_ID_STR=my $(reboot) id]", "WPA_CTRL_DIR=/run/x"}
	connected := "CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:01 completed [id=3 id_str=my $(reboot) id]]"
	for _, tt := range []struct {
		event ctrlclient.Event
		want  *call
	}{
		{ctrlclient.Event{Text: "CTRL-EVENT-SCAN-RESULTS "}, nil},
		{ctrlclient.Event{Text: connected}, &call{[]string{"wlan0", "CONNECTED"}, env}},
		{ctrlclient.Event{Text: connected}, nil},
		{ctrlclient.Event{Text: "WPS-FAIL msg=`x` ; rm"}, &call{[]string{"wlan0", "WPS-FAIL", "msg=`x`", ";", "rm"}, env}},
		{ctrlclient.Event{Ifname: "w1", Text: "AP-STA-CONNECTED 02:00:00:00:00:02"}, &call{[]string{"w1", "AP-STA-CONNECTED", "02:00:00:00:00:02"}, env}},
		{ctrlclient.Event{Ifname: "w1", Text: "AP-ENABLED "}, &call{[]string{"wlan0", "AP-ENABLED"}, env}},
		{ctrlclient.Event{Text: "CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:01 reason=3"}, &call{[]string{"wlan0", "DISCONNECTED"}, env}},
		{ctrlclient.Event{Text: "CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:01 reason=3"}, nil},
		{ctrlclient.Event{Text: "CTRL-EVENT-CONNECTED nonsense ["}, &call{[]string{"wlan0", "CONNECTED"}, []string{"WPA_ID=-1", "WPA_ID_STR=", "WPA_CTRL_DIR=/run/x"}}},
	} {
		if got := a.event(tt.event); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.event.Text, got, tt.want)
		}
	}
	long := a.event(ctrlclient.Event{Text: "WPS-FAIL " + strings.Repeat("x ", 100)})
	if len(long.args) != 1+maxActionWords {
		t.Errorf("%d words passed", len(long.args))
	}
}

// daemon is a control socket that answers from a table, and records.
type daemon struct {
	conn    *net.UnixConn
	mu      sync.Mutex
	seen    []string
	clients []*net.UnixAddr
	news    chan string // every request; what nobody waits for is dropped
}

// tell sends an event to the clients that attached.
func (d *daemon) tell(event string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.clients {
		d.conn.WriteToUnix([]byte(event), c)
	}
}

func newDaemon(t *testing.T, dir string, answers map[string]string) *daemon {
	t.Helper()
	uc, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "wlan0"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { uc.Close() })
	d := &daemon{conn: uc, news: make(chan string, 1000)}
	go d.serve(answers)
	return d
}

func (d *daemon) serve(answers map[string]string) {
	buf := make([]byte, maxRequest+1)
	for {
		n, from, err := d.conn.ReadFromUnix(buf)
		if err != nil {
			return
		}
		req := string(buf[:n])
		d.mu.Lock()
		d.seen = append(d.seen, req)
		if req == "ATTACH" {
			d.clients = append(d.clients, from)
		}
		d.mu.Unlock()
		select {
		case d.news <- req:
		default:
		}
		reply, ok := answers[req]
		if !ok {
			reply = "UNKNOWN COMMAND\n"
		}
		for event := range strings.SplitSeq(answers["events of "+req], "|") {
			if event != "" {
				d.conn.WriteToUnix([]byte(event), from)
			}
		}
		d.conn.WriteToUnix([]byte(reply), from)
	}
}

func TestOneShotAndPrompt(t *testing.T) {
	dir := t.TempDir()
	newDaemon(t, dir, map[string]string{
		"PING": "PONG\n", "ATTACH": "OK\n", "IFNAME": "wlan0", "IFNAME=w1 PING": "FAIL-NO-IFNAME-MATCH\n",
		"events of IFNAME":       "<3>CTRL-EVENT-SCAN-RESULTS |<3>CTRL-EVENT-BSS-ADDED 0 x|<4>bad\x1b[2Jtext",
		"BSS FIRST MASK=0x1887":  "id=0\nbssid=02:00:00:00:00:01\nfreq=2412\nlevel=-30\nflags=[ESS]\nssid=a=b\n",
		"BSS NEXT-0 MASK=0x1887": "",
	})
	cli := func(stdin string, words ...string) (string, int) {
		var out bytes.Buffer
		argv := append([]string{"wpa_cli", "-p", dir, "-s", dir}, words...)
		rc := run(argv, strings.NewReader(stdin), &out, &out)
		return out.String(), rc
	}
	for _, tt := range []struct {
		words, out string
		rc         int
	}{
		{"ping", "Selected interface 'wlan0'\nPONG\n", 0},
		{"-i wlan0 ifname", "wlan0", 0},
		{"-i wlan0 IFNAME=w1 ping", "FAIL-NO-IFNAME-MATCH\n", 0},
		{"-i wlan0 nonsense", "Unknown command 'nonsense'\n", 1},
		{"-i wlan0 ge", "Ambiguous command 'ge'; possible commands: get get_network", 1},
		{"-i wlan0 roam", "Invalid ROAM command - at least 1 argument is required.\n", 255},
		{"-i wlan0 flush", "UNKNOWN COMMAND\n", 0},
		{"-i wlan0 all_bss", "bssid / frequency / signal level / flags / ssid\n02:00:00:00:00:01\t2412\t-30\t[ESS]\ta=b\n", 0},
		{"-i none ping", "Failed to connect to", 255},
	} {
		out, rc := cli("", strings.Fields(tt.words)...)
		if rc != tt.rc || !strings.HasPrefix(out, tt.out) || strings.HasSuffix(tt.out, "\n") && out != tt.out {
			t.Errorf("%s: status %d, %q; want %d, %q", tt.words, rc, out, tt.rc, tt.out)
		}
	}
	out, rc := cli("ifname\nping\nquit\nping\n")
	if rc != 0 || !strings.Contains(out, "> ifname\nwlan0\n") || strings.Count(out, "PONG\n") != 1 {
		t.Errorf("prompt: status %d, %q", rc, out)
	}
	if strings.ContainsRune(out, 0x1b) || strings.Contains(out, "BSS-ADDED") {
		t.Errorf("prompt shows %q", out)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "wpa_ctrl_*")); len(left) != 0 {
		t.Errorf("own sockets left: %v", left)
	}
}

// TestActionProgram runs a real program on events, with text that a shell would
// act on.
func TestActionProgram(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	trace := filepath.Join(dir, "trace")
	text := "#!/bin/sh\nfor a; do printf '<%s>' \"$a\" >> " + trace + "; done\nprintf ' %s %s\\n' \"$WPA_ID\" \"$WPA_ID_STR\" >> " + trace + "\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	newDaemon(t, dir, map[string]string{
		"ATTACH": "OK\n",
		"events of ATTACH": "<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:01 completed [id=0 id_str=$(touch " + dir + "/bad)]" +
			"|<3>WPS-SUCCESS `touch " + dir + "/bad`|<3>CTRL-EVENT-TERMINATING ",
	})
	var out bytes.Buffer
	if rc := run([]string{"wpa_cli", "-p", dir, "-s", dir, "-i", "wlan0", "-a", script}, strings.NewReader(""), &out, &out); rc != 0 {
		t.Fatalf("status %d: %s", rc, out.String())
	}
	got, err := os.ReadFile(trace)
	idStr := "$(touch " + dir + "/bad)"
	want := "<wlan0><CONNECTED> 0 " + idStr + "\n<wlan0><WPS-SUCCESS><`touch><" + dir + "/bad`> 0 " + idStr + "\n"
	if err != nil || string(got) != want {
		t.Fatalf("%v, trace\n%swant\n%s", err, got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "bad")); err == nil {
		t.Fatal("text of an event was run")
	}
}

// TestMain lets the test binary be the program: going to the background starts
// it again.
func TestMain(m *testing.M) {
	if os.Getenv("WPA_CLI_TEST_MAIN") == "1" {
		os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// waitSeen waits until the daemon got a request.
func (d *daemon) waitSeen(t *testing.T, req string) {
	t.Helper()
	for {
		select {
		case got := <-d.news:
			if got == req {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no %s came", req)
		}
	}
}

// TestBackground: -B returns when the client is attached; it runs the program on
// events, comes back to a daemon that was restarted (-r), and leaves on SIGTERM
// without traces.
func TestBackground(t *testing.T) {
	dir, own := t.TempDir(), t.TempDir()
	fifo := filepath.Join(own, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(own, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$@\" > "+fifo+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	first := newDaemon(t, dir, map[string]string{"ATTACH": "OK\n", "PING": "PONG\n"})
	pidFile := filepath.Join(own, "pid")
	cmd := exec.Command(os.Args[0], "-p", dir, "-s", own, "-iwlan0", "-B", "-r", "-P", pidFile, "-a", script)
	cmd.Env = append(os.Environ(), "WPA_CLI_TEST_MAIN=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid == os.Getpid() || pid < 2 {
		t.Fatalf("PID file: %q", text)
	}
	defer syscall.Kill(pid, syscall.SIGKILL)
	first.tell("<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:01 completed [id=1 id_str=]")
	if got, err := os.ReadFile(fifo); err != nil || string(got) != "wlan0 CONNECTED\n" {
		t.Fatalf("%q, %v", got, err)
	}
	first.tell("<3>CTRL-EVENT-TERMINATING ")
	first.waitSeen(t, "DETACH")
	first.conn.Close()
	os.Remove(filepath.Join(dir, "wlan0"))
	second := newDaemon(t, dir, map[string]string{"ATTACH": "OK\n", "PING": "PONG\n"})
	second.waitSeen(t, "ATTACH")
	second.tell("<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:01 reason=3")
	if got, err := os.ReadFile(fifo); err != nil || string(got) != "wlan0 DISCONNECTED\n" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	second.waitSeen(t, "DETACH")

	cmd = exec.Command(os.Args[0], "-p", filepath.Join(dir, "none"), "-iwlan0", "-B", "-a", script)
	cmd.Env = append(os.Environ(), "WPA_CLI_TEST_MAIN=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || !strings.Contains(string(out), "Failed to connect") {
		t.Errorf("background without daemon: %v, %s", err, out)
	}
}

// TestPromptReconnects: the prompt outlives the daemon.
func TestPromptReconnects(t *testing.T) {
	dir, own := t.TempDir(), t.TempDir()
	answers := map[string]string{"ATTACH": "OK\n", "PING": "PONG\n"}
	first := newDaemon(t, dir, answers)
	stdin, typed := io.Pipe()
	var out bytes.Buffer
	done := make(chan int, 1)
	go func() { done <- run([]string{"wpa_cli", "-p", dir, "-s", own, "-i", "wlan0"}, stdin, &out, &out) }()
	first.waitSeen(t, "ATTACH")
	first.tell("<3>CTRL-EVENT-TERMINATING ")
	first.waitSeen(t, "DETACH")
	first.conn.Close()
	os.Remove(filepath.Join(dir, "wlan0"))
	second := newDaemon(t, dir, answers)
	second.waitSeen(t, "ATTACH")
	// The session is used again once the connection is whole: the command waits.
	io.WriteString(typed, "ping\n")
	second.waitSeen(t, "PING")
	io.WriteString(typed, "quit\n")
	if rc := <-done; rc != exitOK {
		t.Errorf("status %d", rc)
	}
	for _, want := range []string{"<3>CTRL-EVENT-TERMINATING \n", "trying to reconnect", "re-established", "> ping\n", "\nPONG\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the prompt does not show %q:\n%s", want, out.String())
		}
	}
}

func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	newDaemon(t, dir, map[string]string{
		"LIST_NETWORKS":          "network id / ssid / bssid / flags\n0\ta\tany\t[DISABLED]\n12\tb\tany\t\n",
		"BSS RANGE=ALL MASK=0x2": "bssid=02:00:00:00:00:02\nbssid=02:00:00:00:00:01\n",
	})
	s := &session{options: options{dir: dir, ifname: "wlan0", clientDir: t.TempDir()}, out: &bytes.Buffer{}}
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	defer s.close()
	c := &completer{s}
	for line, want := range map[string][]string{
		"list_n":          {"etworks "},
		"select_network ": {"0 ", "12 ", "any "},
		"interface w":     {"lan0 "},
		"failures ":       {"0 ", "12 "},
		"roam 02:00:00":   {":00:00:01 ", ":00:00:02 "},
		"set_network 0 p": {"sk ", "roto ", "airwise ", "riority ", "assword ", "hase1 ", "hase2 ", "rivate_key "},
		"nonsense ":       nil,
	} {
		endings, n := c.Do([]rune(line), len([]rune(line)))
		var got []string
		for _, e := range endings {
			got = append(got, string(e))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q (%d): %q, want %q", line, n, got, want)
		}
	}
}

func FuzzPrompt(f *testing.F) {
	for _, s := range []string{"status", `set_network 0 psk "a b"`, "IFNAME=x", "IFNAME=x pin 0", "interface_add a b c d e f g h i j"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := splitWords(line)
		if len(words) == 0 {
			return
		}
		secretLine(words)
		c, _ := find(words[0])
		if c == nil {
			return
		}
		if req, err := c.request(words[1:]); err == nil && len(req) > maxRequest {
			t.Fatalf("%d bytes", len(req))
		}
		a := newActions("", "/run")
		a.event(ctrlclient.Event{Text: "CTRL-EVENT-CONNECTED " + line})
		a.event(ctrlclient.Event{Text: "WPS-FAIL " + line})
	})
}
