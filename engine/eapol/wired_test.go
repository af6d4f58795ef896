//go:build wired

package eapol_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/gtc"
	"gosupplicant/engine/eap/md5"
	"gosupplicant/engine/eap/mschapv2"
	"gosupplicant/engine/eap/peap"
	"gosupplicant/engine/eap/tlsmethod"
	"gosupplicant/engine/eap/ttls"
	"gosupplicant/engine/eapol"
)

// These tests play a station on a cable against hostapd's wired driver and its
// EAP server, both ends of the cable in a network namespace of their own. They
// need root, hostapd and ip.

var registry = eap.Registry{md5.Kind(), tlsmethod.Kind(), mschapv2.Kind(), peap.Kind(), ttls.Kind(), gtc.Kind()}

// lockedBuffer collects what hostapd prints.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lab is a cable with hostapd at the other end.
type lab struct {
	t   *testing.T
	dir string
	log *lockedBuffer
	fd  int
	own dot11.MAC
	to  unix.SockaddrLinklayer
	// ask answers prompts that depend on their text; nil to look them up.
	ask func(eap.Need) string
}

// newLab starts hostapd with those lines added to its configuration, and those
// of the file of EAP users.
func newLab(t *testing.T, conf, users string) *lab {
	t.Helper()
	return newLabWith(t, conf, users)
}

// service is a program that hostapd needs, and what it prints when it is ready.
type service struct {
	argv  []string
	ready string
}

func newLabWith(t *testing.T, conf, users string, services ...service) *lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	if _, err := exec.LookPath("hostapd"); err != nil {
		t.Skip("needs hostapd")
	}
	l := &lab{t: t, dir: t.TempDir(), log: &lockedBuffer{}}
	l.write("users", users)
	// The first line of the configuration may be "#openssl <setting>; <setting>".
	var set string
	if rest, ok := strings.CutPrefix(conf, "#openssl "); ok {
		set, _, _ = strings.Cut(rest, "\n")
	}
	l.write("openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"+strings.ReplaceAll(set, "; ", "\n")+"\n")
	server := "eap_server=1\neap_user_file=" + filepath.Join(l.dir, "users") + "\n"
	if users == "" {
		server = "" // RADIUS
	}
	l.write("hostapd.conf", "interface=ap\ndriver=wired\nieee8021x=1\neapol_version=2\nuse_pae_group_addr=1\n"+
		conf+server)
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // and the thread dies with its namespace
		ready <- l.setup(services)
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Close(l.fd)
		if t.Failed() || os.Getenv("SHOWLOG") != "" {
			t.Logf("hostapd:\n%s", tail(l.log.String(), 600000))
		}
	})
	return l
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (l *lab) write(name, text string) {
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) setup(services []service) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	for _, c := range []string{"link set lo up", "link add sta type veth peer name ap", "link set sta up", "link set ap up"} {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", c, err, out)
		}
	}
	if err := l.socket(); err != nil {
		return err
	}
	hostapd := service{[]string{"hostapd", "-dd", "-K", filepath.Join(l.dir, "hostapd.conf")}, "AP-ENABLED"}
	for _, s := range append(services, hostapd) {
		if err := l.start(s); err != nil {
			return err
		}
	}
	return nil
}

// start runs a program in the namespace and waits until it is ready.
func (l *lab) start(s service) error {
	cmd := exec.Command(s.argv[0], s.argv[1:]...)
	cmd.Stdout, cmd.Stderr = l.log, l.log
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+filepath.Join(l.dir, "openssl.cnf"))
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	l.t.Cleanup(func() { cmd.Process.Kill(); <-gone })
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if strings.Contains(l.log.String(), s.ready) {
			return nil
		}
		select {
		case err := <-gone:
			gone <- err
			return fmt.Errorf("%s ended: %v: %s", s.argv[0], err, tail(l.log.String(), 1500))
		case <-time.After(5 * time.Millisecond):
		}
	}
	return errors.New(s.argv[0] + " did not become ready: " + tail(l.log.String(), 1500))
}

var paeGroup = [6]byte{0x01, 0x80, 0xc2, 0, 0, 3}

func (l *lab) socket() (err error) {
	proto := uint16(0x8e88) // 0x888e in network order
	if l.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, int(proto)); err != nil {
		return err
	}
	ifc, err := unix.NewIfreq("sta")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(l.fd, unix.SIOCGIFINDEX, ifc); err != nil {
		return err
	}
	l.to = unix.SockaddrLinklayer{Protocol: proto, Ifindex: int(ifc.Uint32()), Halen: 6}
	copy(l.to.Addr[:], paeGroup[:])
	if err := unix.Bind(l.fd, &unix.SockaddrLinklayer{Protocol: proto, Ifindex: l.to.Ifindex}); err != nil {
		return err
	}
	mreq := unix.PacketMreq{Ifindex: int32(l.to.Ifindex), Type: unix.PACKET_MR_MULTICAST, Alen: 6}
	copy(mreq.Address[:], paeGroup[:])
	return unix.SetsockoptPacketMreq(l.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &mreq)
}

// outcome is what a run led to.
type outcome struct {
	success *eapol.Success
	failure *eapol.Failure
	events  []eap.Output
	status  []eap.KeyValue
	rounds  int
	took    time.Duration
}

func (o *outcome) statusOf(key string) string {
	for _, kv := range o.status {
		if kv.Key == key {
			return kv.Value
		}
	}
	return ""
}

// of returns the first event of type T.
func of[T eap.Output](o *outcome) (T, bool) {
	for _, e := range o.events {
		if v, ok := e.(T); ok {
			return v, true
		}
	}
	var zero T
	return zero, false
}

// station makes a machine for that configuration.
func station(cfg *eap.Config, mem *eap.Memory) *eapol.Machine {
	cfg.Wired = true
	cfg.Workaround = true
	cfg.FastReauth = true
	m := eapol.New(eapol.Config{EAP: eap.MachineConfig{Config: cfg, Registry: registry, Rand: rand.Reader, Now: time.Now, Memory: mem}})
	m.PortValid(true)
	return m
}

// run authenticates once; answers supply what the machine asks for.
func (l *lab) run(m *eapol.Machine, answers map[eap.Field]string) *outcome {
	l.t.Helper()
	o := &outcome{}
	timers := map[eapol.Timer]time.Time{}
	begin := time.Now()
	work := m.PortEnabled(true)
	for end := begin.Add(15 * time.Second); time.Now().Before(end); {
		for len(work) > 0 {
			var more []eapol.Output
			for _, out := range work {
				more = append(more, l.carryOut(m, o, out, timers, answers)...)
			}
			work = more
		}
		if o.success != nil || o.failure != nil {
			o.status, o.took = m.Status(true), time.Since(begin)
			return o
		}
		for t, at := range timers {
			if time.Now().After(at) {
				delete(timers, t)
				work = append(work, m.Timeout(t)...)
			}
		}
		if pdu, from := l.receive(); pdu != nil {
			o.rounds++
			work = append(work, m.Receive(from, pdu)...)
		}
	}
	l.t.Fatalf("no result within 15 s; %v", m.Status(true))
	return nil
}

func (l *lab) carryOut(m *eapol.Machine, o *outcome, out eapol.Output, timers map[eapol.Timer]time.Time, answers map[eap.Field]string) []eapol.Output {
	switch out := out.(type) {
	case eapol.Send:
		if err := unix.Sendto(l.fd, out.PDU, 0, &l.to); err != nil {
			l.t.Fatal(err)
		}
	case eapol.SetTimer:
		timers[out.Timer] = time.Now().Add(out.After)
	case eapol.StopTimer:
		delete(timers, out.Timer)
	case eapol.Success:
		o.success = &out
	case eapol.Failure:
		o.failure = &out
	case eapol.EAP:
		o.events = append(o.events, out.Output)
		if n, ok := out.Output.(eap.NeedCredential); ok {
			v, known := answers[n.Field]
			if l.ask != nil {
				v, known = l.ask(n.Need), true
			}
			if !known {
				l.t.Fatalf("the machine asks for %v", n.Field)
			}
			return m.Answer(n.Field, []byte(v))
		}
	}
	return nil
}

func (l *lab) receive() ([]byte, dot11.MAC) {
	fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 50); n == 0 || err != nil {
		return nil, dot11.MAC{}
	}
	buf := make([]byte, 4096)
	n, from, err := unix.Recvfrom(l.fd, buf, 0)
	ll, ok := from.(*unix.SockaddrLinklayer)
	if err != nil || !ok || ll.Pkttype == unix.PACKET_OUTGOING {
		return nil, dot11.MAC{}
	}
	return buf[:n], dot11.MAC(ll.Addr[:6])
}

// succeeds runs and insists on success and, where the method makes keys, on the
// same MSK at the other end.
func (l *lab) succeeds(m *eapol.Machine, answers map[eap.Field]string) *outcome {
	l.t.Helper()
	o := l.run(m, answers)
	if o.failure != nil {
		l.t.Fatalf("failed: %+v\nevents %+v", o.failure.Reason, o.events)
	}
	if k := o.success.Keys; k != nil {
		l.waitLog(hexdump(k.MSK))
		if len(k.SessionID) > 0 {
			l.waitLog("Session-Id - hexdump(len=" + fmt.Sprint(len(k.SessionID)) + "): " + hexdump(k.SessionID))
		}
	}
	return o
}

func hexdump(b []byte) string {
	var parts []string
	for _, x := range b {
		parts = append(parts, hex.EncodeToString([]byte{x}))
	}
	return strings.Join(parts, " ")
}

// waitLog waits until hostapd printed text.
func (l *lab) waitLog(text string) {
	l.t.Helper()
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		if strings.Contains(l.log.String(), text) {
			return
		}
		unix.Nanosleep(&unix.Timespec{Nsec: 5e6}, nil)
	}
	l.t.Fatalf("hostapd did not print %q", text)
}

func (l *lab) fails(m *eapol.Machine, check string) *outcome {
	l.t.Helper()
	o := l.run(m, nil)
	if o.failure == nil {
		l.t.Fatalf("succeeded, want a failure of %q", check)
	}
	if o.failure.Reason.Check != check || o.failure.Reason.Detail == "" {
		l.t.Fatalf("failed with %+v, want check %q", o.failure.Reason, check)
	}
	return o
}
