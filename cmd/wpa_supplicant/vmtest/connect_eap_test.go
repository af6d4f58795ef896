//go:build vm

package vmtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// rsnEAP is a network whose access point is the EAP server, too. @eap is the
// folder of eapFolder.
const rsnEAP = "wpa=2\nieee8021x=1\neap_server=1\neapol_version=2\npwd_group=19\neap_user_file=@eap/users\n" +
	"ca_cert=@eap/ca.pem\nserver_cert=@eap/server.pem\nprivate_key=@eap/server.key\n"

// rsnRADIUS is a network of access points that share an EAP server, which outlives
// them.
const rsnRADIUS = "wpa=2\nieee8021x=1\nwpa_key_mgmt=WPA-EAP\nrsn_pairwise=CCMP\neapol_version=2\nown_ip_addr=127.0.0.1\n" +
	"auth_server_addr=127.0.0.1\nauth_server_port=1812\nauth_server_shared_secret=" + lab.RADIUSSecret + "\n"

// eapServer is the server of rsnRADIUS. It gives tickets for its sessions.
func eapServer(dir string) string {
	return strings.ReplaceAll("eap_user_file=@eap/users\nca_cert=@eap/ca.pem\nserver_cert=@eap/server.pem\nprivate_key=@eap/server.key\n"+
		"tls_flags=[ENABLE-TLSv1.3]\ntls_session_lifetime=3600\n", "@eap", dir)
}

// eapUsers is the server's file of users.
const eapUsers = `"alice"	PEAP,TTLS
"client"	TLS
"bob"	PWD	"secret"
"alice"	MSCHAPV2,TTLS-PAP	"secret"	[2]
`

// eapTLS are the fields of a network that is joined with a certificate.
var eapTLS = []string{"eap TLS", `identity "client"`, `ca_cert "@eap/ca.pem"`, `client_cert "@eap/client.pem"`, `private_key "@eap/client.key"`}

var eapCases = []joinCase{
	{name: "8021x", ap: strings.TrimPrefix(rsnEAP, "wpa=2\n"), device: true,
		sta:  []string{"key_mgmt IEEE8021X", "eapol_flags 0", "eap PEAP", `identity "alice"`, `password "secret"`, `ca_cert "@eap/ca.pem"`, `phase2 "auth=MSCHAPV2"`},
		want: []string{"key_mgmt=IEEE 802.1X (no WPA)", "pairwise_cipher=NONE", "EAP state=SUCCESS", "suppPortStatus=Authorized"}},
	{name: "eap-peap", ap: rsnEAP + "wpa_key_mgmt=WPA-EAP\nrsn_pairwise=CCMP\n",
		sta:  []string{"key_mgmt WPA-EAP", "eap PEAP", `identity "alice"`, `password "secret"`, `ca_cert "@eap/ca.pem"`, `phase2 "auth=MSCHAPV2"`},
		want: []string{"key_mgmt=WPA2/IEEE 802.1X/EAP", "EAP state=SUCCESS", "suppPortStatus=Authorized"}},
	{name: "eap-tls-sha256", ap: rsnEAP + "wpa_key_mgmt=WPA-EAP-SHA256\nrsn_pairwise=CCMP\nieee80211w=2\n",
		sta:  append([]string{"key_mgmt WPA-EAP-SHA256", "ieee80211w 2"}, eapTLS...),
		want: []string{"key_mgmt=WPA2-EAP-SHA256", "pmf=2", "EAP state=SUCCESS"}},
	{name: "eap-pwd", ap: rsnEAP + "wpa_key_mgmt=WPA-EAP\nrsn_pairwise=CCMP\n",
		sta:  []string{"key_mgmt WPA-EAP", "eap PWD", `identity "bob"`, `password "secret"`},
		want: []string{"key_mgmt=WPA2/IEEE 802.1X/EAP", "EAP state=SUCCESS"}},
	{name: "suite-b-192", ap: rsnEAP + "wpa_key_mgmt=WPA-EAP-SUITE-B-192\nrsn_pairwise=GCMP-256\ngroup_mgmt_cipher=BIP-GMAC-256\nieee80211w=2\nopenssl_ciphers=SUITEB192\n",
		sta:  append([]string{"key_mgmt WPA-EAP-SUITE-B-192", "ieee80211w 2", "pairwise GCMP-256", "group GCMP-256", "group_mgmt BIP-GMAC-256"}, eapTLS...),
		want: []string{"key_mgmt=WPA2-EAP-SUITE-B-192", "pmf=2", "pairwise_cipher=GCMP-256", "mgmt_group_cipher=BIP-GMAC-256", "EAP state=SUCCESS"}},
}

// eapFolder writes users, certificates and a PKCS#12 container of the client's. The keys are of P-384, as Suite B at
// 192 bits wants them.
func eapFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("users", []byte(eapUsers))
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	caKey, now, serial := newKey(), time.Now(), int64(0)
	var ca *x509.Certificate
	issue := func(name string, key *ecdsa.PrivateKey, usage ...x509.ExtKeyUsage) {
		serial++
		c := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(24 * time.Hour), ExtKeyUsage: usage,
			BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, SignatureAlgorithm: x509.ECDSAWithSHA384,
		}
		parent := ca
		if parent == nil {
			c.IsCA, c.KeyUsage, parent = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, caKey)
		if err != nil {
			t.Fatal(err)
		}
		write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		if ca == nil {
			if ca, err = x509.ParseCertificate(der); err != nil {
				t.Fatal(err)
			}
			return
		}
		if der, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
			t.Fatal(err)
		}
		write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	issue("ca", caKey)
	issue("server", newKey(), x509.ExtKeyUsageServerAuth)
	issue("client", newKey(), x509.ExtKeyUsageClientAuth)
	file := func(name string) string { return filepath.Join(dir, name) }
	lab.Run(t, nil, "openssl", "pkcs12", "-export", "-in", file("client.pem"), "-inkey", file("client.key"),
		"-passout", "pass:"+containerPassword, "-out", file("client.p12"))
	return dir
}

// containerPassword opens client.p12.
const containerPassword = "container"
