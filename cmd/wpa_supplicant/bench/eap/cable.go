package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/quiet"
	"gosupplicant/engine/eap/eaptest"
)

// The two ends of the cable.
const (
	serverEnd = "bench-ap"
	clientEnd = "bench-sta"
)

// users is what the EAP server knows: outer identities, and "user" inside.
const users = `"tls" TLS
"peap" PEAP
"ttls" TTLS
"user" MSCHAPV2,TTLS-PAP "secret" [2]
`

// serverName is the name in the server's certificate.
const serverName = "radius.example.org"

// writeCertificates makes an authority, and certificates and keys of a server and a
// client, as files in a folder.
func writeCertificates(dir string) error {
	ca := eaptest.NewAuthority("Test CA", time.Now())
	files := map[string][]byte{"ca.pem": eaptest.CertPEM(ca.Cert)}
	for file, name := range map[string]string{"server": serverName, "client": "client@example.org"} {
		pair := ca.Pair(name, nil)
		files[file+".pem"], files[file+".key"] = eaptest.CertPEM(pair.Leaf), eaptest.KeyPEM(pair.PrivateKey)
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// cable is a veth pair with hostapd at one end, and what passes over it.
type cable struct {
	dir     string
	network string
	server  *exec.Cmd
	wire    *wire
}

// plug makes a cable for a case; supplicants come and go on it.
func plug(tc testCase, certificates string) (*cable, error) {
	dir, err := os.MkdirTemp("", "b") // sockets have short paths
	if err != nil {
		return nil, err
	}
	c := &cable{dir: dir, network: strings.ReplaceAll(tc.network, "$PKI", certificates)}
	if err := c.connect(tc, certificates); err != nil {
		c.unplug()
		return nil, err
	}
	return c, nil
}

func (c *cable) connect(tc testCase, certificates string) error {
	for _, args := range []string{"link add " + clientEnd + " type veth peer name " + serverEnd, "link set " + clientEnd + " up", "link set " + serverEnd + " up"} {
		if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
	}
	ifi, err := net.InterfaceByName(serverEnd)
	if err != nil {
		return err
	}
	if c.wire, err = tap(ifi.Index); err != nil {
		return err
	}
	usersFile, conf := filepath.Join(c.dir, "users"), filepath.Join(c.dir, "hostapd.conf")
	text := fmt.Sprintf("interface=%s\ndriver=wired\nieee8021x=1\neap_server=1\neapol_version=2\nuse_pae_group_addr=1\neap_user_file=%s\nca_cert=%s\nserver_cert=%s\nprivate_key=%s\ntls_session_lifetime=3600\n%s",
		serverEnd, usersFile, filepath.Join(certificates, "ca.pem"), filepath.Join(certificates, "server.pem"), filepath.Join(certificates, "server.key"), tc.server)
	for path, text := range map[string]string{usersFile: users, conf: text} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return c.startServer(conf)
}

// startServer starts hostapd and waits until it listens.
func (c *cable) startServer(conf string) error {
	c.server = exec.Command("hostapd", conf)
	c.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := c.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := quiet.Start(c.server); err != nil {
		return err
	}
	ready := make(chan bool, 1)
	go func() {
		defer io.Copy(io.Discard, out) // nobody looks at the rest
		for sc := bufio.NewScanner(out); sc.Scan(); {
			if strings.Contains(sc.Text(), "AP-ENABLED") {
				ready <- true
				return
			}
		}
		ready <- false
	}()
	select {
	case ok := <-ready:
		if !ok {
			return fmt.Errorf("hostapd with %s ended", conf)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("hostapd is not ready after %v", patience)
	}
}

func (c *cable) unplug() {
	if c.server != nil && c.server.Process != nil {
		c.server.Process.Kill()
		c.server.Wait() // its status tells nothing
	}
	if c.wire != nil {
		c.wire.close()
	}
	exec.Command("ip", "link", "del", clientEnd).Run() // may not be there
	os.RemoveAll(c.dir)
}
