//go:build wired

package eapol_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
)

// radiusConf is a whole configuration of FreeRADIUS; DIR is where the
// certificates are, TLS holds settings of a test.
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
 pap { }
 chap { }
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
  tls-config tls-common {
   private_key_file = DIR/server.key
   certificate_file = DIR/server.pem
   ca_file = DIR/ca.pem
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
  tls = tls-common
 }
  ttls {
  tls = tls-common
   default_eap_type = md5
   virtual_server = "inner"
   }
  peap {
  tls = tls-common
   default_eap_type = mschapv2
   virtual_server = "inner"
   }
  mschapv2 { }
  md5 { }
  gtc {
  auth_type = PAP
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
  eap {
  ok = return
 }
 }
 authenticate {
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

// radius builds a world whose server is FreeRADIUS behind hostapd.
func radius(t *testing.T, tlsSettings string) *world {
	t.Helper()
	if _, err := exec.LookPath("freeradius"); err != nil {
		t.Skip("needs freeradius")
	}
	w := &world{ca: newAuthority(t, "Test CA", ecKey(t)), key: ecKey(t)}
	serverKey := rsaKey(t, 2048)
	w.server = w.ca.issue(t, "radius.example.com", serverKey, nil)
	w.client = w.ca.issue(t, "client@example.com", w.key, nil)
	dir := t.TempDir()
	files := &lab{t: t, dir: dir}
	files.write("ca.pem", certPEM(w.ca.cert))
	files.write("server.pem", certPEM(w.server))
	files.write("server.key", keyPEM(t, serverKey))
	if err := os.Mkdir(filepath.Join(dir, "cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	files.write("raddb-users", "user Cleartext-Password := \"secret\"\n")
	files.write("radiusd.conf", strings.NewReplacer("DIR", dir, "TLS\n", tlsSettings+"\n").Replace(radiusConf))
	w.lab = newLabWith(t, "auth_server_addr=127.0.0.1\nauth_server_port=1812\nauth_server_shared_secret=radius\nown_ip_addr=127.0.0.1\nnas_identifier=test\n", "",
		service{[]string{"freeradius", "-X", "-d", dir, "-n", "radiusd"}, "Ready to process requests"})
	return w
}

// TestRadius goes through FreeRADIUS with every tunnel and TLS version, twice
// each: what the server lets us resume is resumed.
func TestWiredRadius(t *testing.T) {
	for _, v := range []struct{ name, server, phase1, version string }{
		{"TLS 1.2", `tls_max_version = "1.2"`, "", "TLSv1.2"},
		{"TLS 1.3", `tls_max_version = "1.3"`, "tls_disable_tlsv1_3=0", "TLSv1.3"},
		{"TLS 1.0", `tls_max_version = "1.0"`, "tls_disable_tlsv1_0=0", "TLSv1"},
	} {
		t.Run(v.name, func(t *testing.T) {
			w := radius(t, v.server)
			peap := func(p1, p2 string) *eap.Config {
				c := w.peapConfig("user", p2)
				c.Phase1 = p1
				return c
			}
			ttls := func(p2 string) *eap.Config { return w.ttlsConfig("user", p2) }
			for _, c := range []struct {
				name string
				cfg  *eap.Config
			}{
				{"TLS", w.tlsConfig()},
				{"PEAPv0-MSCHAPV2", peap("peapver=0", "auth=MSCHAPV2")},
				{"PEAP-GTC", peap("", "auth=GTC")},
				{"TTLS-PAP", ttls("auth=PAP")},
				{"TTLS-CHAP", ttls("auth=CHAP")},
				{"TTLS-MSCHAPV2", ttls("auth=MSCHAPV2")},
				{"TTLS-EAP-MSCHAPV2", ttls("autheap=MSCHAPV2")},
				{"TTLS-EAP-MD5", ttls("autheap=MD5")},
			} {
				ok := t.Run(c.name, func(t *testing.T) {
					c.cfg.Phase1 += " " + v.phase1
					m := station(c.cfg, &eap.Memory{})
					for run := range 2 {
						o := w.run(m, nil)
						if o.failure != nil {
							t.Fatalf("run %d: %+v", run, o.failure.Reason)
						}
						if got := o.statusOf("eap_tls_version"); got != v.version {
							t.Errorf("run %d: %s", run, got)
						}
						w.waitLog(hexdump(o.success.Keys.MSK[:32]))
						w.waitLog(hexdump(o.success.Keys.MSK[32:]))
						if run == 1 {
							if o.statusOf("tls_session_reused") != "1" {
								t.Error("not resumed")
							}
							t.Logf("resumed %s, %d frames, %v", o.statusOf("tls_session_reused"), o.rounds, o.took)
						}
					}
				})
				if !ok {
					return // hostapd is in its quiet period
				}
			}
		})
	}
}

func TestWiredRadiusWrongPassword(t *testing.T) {
	for _, c := range []struct{ name, phase2 string }{{"peap", "auth=MSCHAPV2 mschapv2_retry=0"}, {"ttls", "auth=PAP"}, {"ttls", "auth=MSCHAPV2"}} {
		w := radius(t, "")
		cfg := w.peapConfig("user", c.phase2)
		if c.name == "ttls" {
			cfg = w.ttlsConfig("user", c.phase2)
		}
		cfg.Password = eap.Password{Value: []byte("wrong")}
		o := w.run(station(cfg, nil), nil)
		if o.failure == nil {
			t.Fatal("a wrong password was taken")
		}
		t.Logf("%s %s: %+v", c.name, c.phase2, o.failure.Reason)
	}
}
