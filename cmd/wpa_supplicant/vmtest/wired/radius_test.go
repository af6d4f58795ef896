//go:build wired

package wired

import (
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// radiusConf is a whole configuration of FreeRADIUS: DIR is a folder of its own, PKI
// the one of the certificates, TLS stands for settings of a test.
const radiusConf = `
prefix = /usr
libdir = /usr/lib/freeradius
logdir = DIR
db_dir = DIR
run_dir = DIR
log {
  destination = stdout
}
security {
  allow_vulnerable_openssl = yes
}
thread pool {
  start_servers = 1
  max_servers = 2
}
modules {
  pap {
  }
  chap {
  }
  mschap {
    use_mppe = yes
  }
  always ok {
    rcode = ok
  }
  files {
    usersfile = DIR/raddb-users
  }
  eap {
    default_eap_type = peap
    ignore_unknown_eap_types = no
    tls-config common {
      private_key_file = PKI/rsa-server.key
      certificate_file = PKI/rsa-server.pem
      ca_file = PKI/ca.pem
      ecdh_curve = ""
      cipher_list = "DEFAULT@SECLEVEL=0"
      tls_min_version = "1.0"
      TLS
      cache {
        enable = yes
        lifetime = 1
        name = "test"
        persist_dir = DIR/cache
      }
    }
    tls {
      tls = common
    }
    ttls {
      tls = common
      default_eap_type = md5
      virtual_server = "inner"
    }
    peap {
      tls = common
      default_eap_type = mschapv2
      virtual_server = "inner"
    }
    mschapv2 {
    }
    md5 {
    }
    gtc {
      auth_type = PAP
    }
    pwd {
      group = 19
      server_id = radius.example.org
      fragment_size = 1020
      virtual_server = "inner"
    }
  }
}
client localhost {
  ipaddr = 127.0.0.1
  secret = radius
  require_message_authenticator = yes
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 1812
  }
  authorize {
    files
    eap {
      ok = return
    }
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
}
server inner {
  authorize {
    chap
    mschap
    eap {
      ok = return
    }
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type CHAP {
      chap
    }
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
}
`

const radiusPort = "1812"

// freeradius runs FreeRADIUS for a test, with those settings of TLS.
func freeradius(t *testing.T, tls string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/cache", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"raddb-users":  "user Cleartext-Password := \"secret\"\n",
		"radiusd.conf": strings.NewReplacer("DIR", dir, "PKI", certificates(t).dir, "TLS\n", tls+"\n").Replace(radiusConf),
	} {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, nil, "freeradius", "-X", "-d", dir, "-n", "radiusd").await(t, "Ready to process requests")
}

// TestRadius goes through FreeRADIUS with every tunnel in three versions of TLS, and
// with what needs no tunnel; twice each, the second time upon the session of the
// first one where TLS lets it.
func TestRadius(t *testing.T) {
	const peap, ttls = "eap=PEAP\n" + inner, "eap=TTLS\n" + inner
	nak := []int{3, 25} // PEAP is what the server offers first
	plain := "identity=\"user\"\npassword=\"secret\"\n"
	for _, v := range []struct{ name, server, phase1, version string }{
		{"TLS1.2", `tls_max_version = "1.2"`, "", "TLSv1.2"},
		{"TLS1.3", `tls_max_version = "1.3"`, "tls_disable_tlsv1_3=0", "TLSv1.3"},
		{"TLS1.0", `tls_max_version = "1.0"`, "tls_disable_tlsv1_0=0", "TLSv1"},
	} {
		t.Run(v.name, func(t *testing.T) {
			freeradius(t, v.server)
			var captures []capture
			for _, tt := range []struct {
				name, network, phase1 string
				method                string
				refused               []int  // types besides Identity and the method: a proposal that is refused, and Nak
				phase2                string // its line of the status
			}{
				{"TLS", client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\"", "", "TLS", nak, ""},
				{"PEAPv0-MSCHAPv2", peap + "phase2=\"auth=MSCHAPV2\"", "peapver=0", "PEAP", nil, "EAP-PEAPv0 Phase2 method=MSCHAPV2"},
				{"PEAP-GTC", peap + "phase2=\"auth=GTC\"", "", "PEAP", nil, "Phase2 method=GTC"},
				{"TTLS-PAP", ttls + "phase2=\"auth=PAP\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=PAP"},
				{"TTLS-CHAP", ttls + "phase2=\"auth=CHAP\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=CHAP"},
				{"TTLS-MSCHAP", ttls + "phase2=\"auth=MSCHAP\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=MSCHAP"},
				{"TTLS-MSCHAPv2", ttls + "phase2=\"auth=MSCHAPV2\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=MSCHAPV2"},
				{"TTLS-EAP-MSCHAPv2", ttls + "phase2=\"autheap=MSCHAPV2\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=EAP-MSCHAPV2"},
				{"TTLS-EAP-MD5", ttls + "phase2=\"autheap=MD5\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=EAP-MD5"},
				{"TTLS-EAP-GTC", ttls + "phase2=\"autheap=GTC\"", "", "TTLS", nak, "EAP-TTLSv0 Phase2 method=EAP-GTC"},
				{"PWD", "eap=PWD\n" + plain, "", "PWD", nak, ""},
				{"MSCHAPv2", "eap=MSCHAPV2\n" + plain, "", "MSCHAPV2", nak, ""},
				{"MD5", "eap=MD5\n" + plain, "", "MD5", nak, ""},
			} {
				carries := slices.Contains(tunnels, numbers[tt.method])
				if !carries && v.version != "TLSv1.2" {
					continue // no TLS: once is enough
				}
				t.Run(tt.name, func(t *testing.T) {
					c := plug(t, options{radius: radiusPort, louder: "ddd", network: "phase1=\"" + tt.phase1 + " " + v.phase1 + "\"\n" + tt.network})
					has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
					has(t, "signals", c.signals("completion"), `EAP "completion", "success"`)
					status := strings.Split(c.ask("STATUS-VERBOSE"), "\n")
					has(t, "STATUS", status, tt.phase2)
					if carries {
						has(t, "STATUS", status, "eap_tls_version="+v.version)
						has(t, "STATUS", status, "tls_session_reused=0")
					}
					if got := c.ask("REAUTHENTICATE"); got != "OK\n" {
						t.Errorf("REAUTHENTICATE: %q", got)
					}
					has(t, "events", c.until("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-EAP-SUCCESS")
					if v.version == "TLSv1.3" { // older ones resume by session identifier here
						has(t, "STATUS", strings.Split(c.ask("STATUS-VERBOSE"), "\n"), "tls_session_reused=1")
					}
					c.log.await(t, "CTRL-EVENT-CONNECTED")
					c.keepsSecrets(tt.name != "MD5", "secret")
					captures = append(captures, capture{v.name + "/" + tt.name, c.tap.frames(t), types(tt.method, tt.refused...), numbers[tt.method], true})
				})
			}
			decoded(t, captures)
		})
	}
}

// relay carries the requests of an authenticator to a RADIUS server and the answers
// back, and falls silent after so many requests. It returns its port.
func relay(t *testing.T, requests int32) string {
	t.Helper()
	in, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out, err := net.Dial("udp", "127.0.0.1:"+radiusPort)
	if err != nil {
		t.Fatal(err)
	}
	var asker atomic.Value
	done := make(chan struct{}, 2)
	go func() {
		defer func() { done <- struct{}{} }()
		buf := make([]byte, 1<<16)
		for n := int32(0); ; n++ {
			size, from, err := in.ReadFrom(buf)
			if err != nil {
				return
			}
			if asker.Store(from); n < requests {
				out.Write(buf[:size])
			}
		}
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		buf := make([]byte, 1<<16)
		for {
			size, err := out.Read(buf)
			if err != nil {
				return
			}
			in.WriteTo(buf[:size], asker.Load().(net.Addr))
		}
	}()
	t.Cleanup(func() { in.Close(); out.Close(); <-done; <-done })
	_, port, err := net.SplitHostPort(in.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestSilentServer: a server that stops answering is told from one that refuses,
// before a method was chosen and in the middle of one.
func TestSilentServer(t *testing.T) {
	freeradius(t, "")
	for _, tt := range []struct {
		name     string
		requests int32
		cause    string
		failure  []string
	}{
		{"at-once", 0, "the server fell silent after the identity", []string{"by=nobody", `eap_method=""`, `eap_check="timeout"`}},
		{"in-TLS", 2, "the server fell silent in EAP-PEAP after 3 requests", []string{"by=nobody", `eap_method="PEAP"`, `eap_check="timeout"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plug(t, options{radius: relay(t, tt.requests), network: "disabled=1\neap=PEAP\nphase2=\"auth=MSCHAPV2\"\n" + inner})
			for _, v := range []string{"SET EAPOL::authPeriod 1", "ENABLE_NETWORK 0"} {
				if got := c.ask(v); got != "OK\n" {
					t.Errorf("%s: %q", v, got)
				}
			}
			has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-ATTEMPT-FAILED"), append(tt.failure, tt.cause, "CTRL-EVENT-ATTEMPT-FAILED")...)
			has(t, "FAILURES", strings.Split(c.ask("FAILURES"), "\n"), append(tt.failure, tt.cause)...)
			c.log.await(t, tt.cause)
			last, err := c.bus.Get(busName, ifacePath, busIface, "LastFailure")
			if err != nil {
				t.Fatal(err)
			}
			has(t, "LastFailure", []string{textOf(last)}, tt.cause, `"By": <"nobody">`, `"EAPCheck": <"timeout">`)
		})
	}
}
