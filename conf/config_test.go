package conf

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func ids(l []*Network) []int {
	var out []int
	for _, n := range l {
		out = append(out, n.ID)
	}
	return out
}

func TestNetworkIDs(t *testing.T) {
	c := New()
	for range 3 {
		c.AddNetwork()
	}
	if !c.RemoveNetwork(1) || c.RemoveNetwork(1) || c.Network(1) != nil {
		t.Error("network 1 is not removed once")
	}
	if n := c.AddNetwork(); n.ID != 3 || n.Disabled != 1 {
		t.Errorf("new network has id %d, disabled %d", n.ID, n.Disabled)
	}
	c.RemoveNetwork(3)
	if n := c.AddNetwork(); n.ID != 3 {
		t.Errorf("id %d after the highest was removed, want 3", n.ID)
	}
	if got := ids(c.Networks); !slices.Equal(got, []int{0, 2, 3}) {
		t.Errorf("ids %v", got)
	}
	a, b := c.AddCred(), c.AddCred()
	if a.ID != 0 || b.ID != 1 || c.Cred(1) != b || !c.RemoveCred(0) || c.RemoveCred(0) || c.Cred(0) != nil {
		t.Error("ids of credentials")
	}
}

func TestPriorityGroups(t *testing.T) {
	c := New()
	for _, p := range []int{1, 5, -2, 5, 1} {
		c.AddNetwork().Priority = p
	}
	var got [][]int
	for _, g := range c.PriorityGroups() {
		got = append(got, ids(g))
	}
	if s := fmt.Sprint(got); s != "[[1 3] [0 4] [2]]" {
		t.Errorf("groups %s", s)
	}
	if got := New().PriorityGroups(); len(got) != 0 {
		t.Errorf("groups of nothing: %v", got)
	}
}

func TestCloneIsApart(t *testing.T) {
	c := New()
	n, cr := c.AddNetwork(), c.AddCred()
	n.Set("scan_freq", "2412")
	cr.Set("domain", `"a"`)
	c.SetBlob("b", []byte{1})
	d := c.Clone()
	n.Set("scan_freq", "5180")
	cr.Set("domain", `"b"`)
	c.RemoveBlob("b")
	c.Set("ap_scan", "2")
	if v, _ := d.Networks[0].Get("scan_freq"); v != "2412" {
		t.Errorf("the clone's scan_freq is %s", v)
	}
	if len(d.Creds[0].Domain) != 1 || len(d.Blobs) != 1 || d.APScan != 1 {
		t.Errorf("the clone changed: %v %v %d", d.Creds[0].Domain, d.Blobs, d.APScan)
	}
}

func TestChangedFlags(t *testing.T) {
	c := New()
	for _, s := range [][2]string{{"country", "DE"}, {"country", "DE"}, {"wowlan_triggers", "any"}, {"ap_scan", "2"}} {
		if _, err := c.Set(s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.TakeChanged(); got != ChangedCountry|ChangedWoWLAN || got.String() != "country,wowlan" {
		t.Errorf("changed: %v", got)
	}
	c.Set("country", "DE")
	if got := c.TakeChanged(); got != 0 {
		t.Errorf("the same value again changed %v", got)
	}
	for name, want := range map[string]ChangedFlags{"bgscan": ChangedBgscan, "disable_btm": ChangedDisableBTM,
		"ext_password_backend": ChangedExtPassword, "device_name": ChangedWPS, "p2p_disabled": ChangedP2P,
		"dot11RSNAConfigSATimeout": ChangedRSNTimers, "sched_scan_plans": ChangedSchedScanPlans,
		"ft_prepend_pmkid": ChangedFTPrependPMKID, "bss_max_count": 0} {
		if i, ok := GlobalField(name); !ok || i.Changes != want {
			t.Errorf("%s raises %v, want %v", name, i.Changes, want)
		}
	}
}

func TestRefusedSetChangesNothing(t *testing.T) {
	n := NewNetwork()
	n.Set("scan_ssid", "1")
	n.Set("psk", `"12345678"`)
	for name, v := range map[string]string{"scan_ssid": "7", "psk": `"short"`, "eap": "TLS NOPE", "scan_freq": "2412 x", "nope": "1"} {
		if ch, err := n.Set(name, v); err == nil || ch {
			t.Errorf("%s=%s: changed %v, error %v", name, v, ch, err)
		}
	}
	if !n.ScanSSID || string(n.PSK.Passphrase.Reveal()) != "12345678" || n.EAP.Methods != nil || n.ScanFreq != nil {
		t.Errorf("changed: %v %v %v", n.ScanSSID, n.EAP.Methods, n.ScanFreq)
	}
	_, err := n.Set("nope", "1")
	if !errors.Is(err, ErrUnknownField) {
		t.Errorf("unknown field: %v", err)
	}
	if _, err := n.Set("identity", strings.Repeat("61", maxValue)); err == nil {
		t.Error("a value without bound is taken")
	}
	if _, err := n.Set("identity", `"`+strings.Repeat("a", 1990)+`"`); err == nil || !strings.Contains(err.Error(), "line") {
		t.Errorf("a value longer than a line of the file: %v", err)
	}
}

func TestCopyField(t *testing.T) {
	a, b := NewNetwork(), NewNetwork()
	a.Set("psk", `"12345678"`)
	if ch, err := b.CopyField(a, "psk"); !ch || err != nil || !b.PSK.Passphrase.Equal(a.PSK.Passphrase) {
		t.Errorf("copy of psk: %v %v", ch, err)
	}
	if ch, err := b.CopyField(a, "psk"); ch || err != nil {
		t.Errorf("second copy of psk: %v %v", ch, err)
	}
	if _, err := b.CopyField(a, "identity"); err == nil {
		t.Error("an unset field is copied")
	}
	if _, err := b.CopyField(a, "nope"); !errors.Is(err, ErrUnknownField) {
		t.Errorf("unknown field: %v", err)
	}
	if v, ok := b.GetUnmasked("psk"); !ok || v != `"12345678"` {
		t.Errorf("unmasked psk: %q", v)
	}
	if v, ok := b.Get("psk"); !ok || v != "*" {
		t.Errorf("psk: %q", v)
	}
}

func TestDBusValues(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"ssid", `a"b`, `"a"b"`}, {"identity", "x", `"x"`}, {"key_mgmt", "NONE", "NONE"},
		{"bssid", "02:00:00:00:00:01", "02:00:00:00:00:01"}, {"ignore_broadcast_ssid", "1", "1"},
		{"mac_value", "02:00:00:00:00:01", "02:00:00:00:00:01"}, {"id_str", "", `""`}, {"unknown", "x", `"x"`},
	} {
		if got := NetworkString(c.name, c.in); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	n := NewNetwork()
	if _, err := n.Set("ssid", NetworkOctets([]byte{0, 0xff, '"'})); err != nil || n.SSID.String() != "\x00\xff\"" {
		t.Errorf("ssid from octets: %q %v", n.SSID, err)
	}
	if _, err := n.Set("ssid", NetworkString("ssid", "a\nb")); err != nil || n.SSID.String() != "a\nb" {
		t.Errorf("ssid with a line end: %q %v", n.SSID, err)
	}
	n.Set("mac_addr", "3")
	if !n.MissingMACValue() {
		t.Error("mac_addr=3 without mac_value is not noticed")
	}
	n.Set("mac_value", "02:00:00:00:00:01")
	if n.MissingMACValue() {
		t.Error("mac_value is not noticed")
	}
}

func TestBlobs(t *testing.T) {
	c := New()
	data := []byte{1, 2, 3}
	if err := c.SetBlob("a b", data); err != nil {
		t.Fatal(err)
	}
	data[0] = 9
	if c.Blobs["a b"][0] != 1 {
		t.Error("the blob shares the caller's octets")
	}
	for _, bad := range []string{"", "a=b", "a\nb", "a#b", strings.Repeat("n", 201)} {
		if err := c.SetBlob(bad, data); err == nil {
			t.Errorf("%q is taken as a name", bad)
		}
	}
	if err := c.SetBlob("big", make([]byte, maxBlob+1)); err == nil {
		t.Error("a blob without bound is taken")
	}
	if got := reload(t, c); len(got.Blobs) != 1 || string(got.Blobs["a b"]) != "\x01\x02\x03" {
		t.Errorf("after a reload: %v", got.Blobs)
	}
	if !c.RemoveBlob("a b") || c.RemoveBlob("a b") {
		t.Error("the blob is not removed once")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	const word = "hunter22"
	n := NewNetwork()
	for _, f := range []string{"psk", "sae_password", "password", "pin", "dpp_netaccesskey"} {
		if _, err := n.Set(f, `"`+word+`"`); err != nil {
			t.Fatal(err)
		}
	}
	var sb strings.Builder
	log := slog.New(slog.NewTextHandler(&sb, nil))
	log.Info("x", "psk", n.PSK, "pw", n.EAP.Password, "s", n.SAEPassword)
	slog.New(slog.NewJSONHandler(&sb, nil)).Info("x", "psk", n.PSK, "s", n.SAEPassword)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&sb, verb+" "+verb, n.SAEPassword, *n)
	}
	out := strings.ToLower(sb.String())
	for _, leak := range []string{word, fmt.Sprintf("%x", word), fmt.Sprint([]byte(word)), strings.Trim(fmt.Sprintf("%#v", []byte(word)), "[]byte{}")} {
		if strings.Contains(out, strings.ToLower(leak)) {
			t.Errorf("a secret shows as %q in %.300s", leak, out)
		}
	}
	if !strings.Contains(out, redacted) {
		t.Error("nothing says that something was left out")
	}
	if (Secret{}).String() != "" || (Secret{}).IsSet() || !NewSecret(nil).IsSet() {
		t.Error("unset and empty are not told apart")
	}
}

func TestErrorsShowNoSecret(t *testing.T) {
	const word = "hunter2"
	files := []string{
		"network={\n\tpsk=" + word + "\n}\n", "network={\n\tpsk=\"" + word + "\"\n}\n", "network={\n\tpsk \"" + word + "xx\"\n}\n",
		"network={\n\tpassword=" + word + "\n}\n", "network={\n\tpsk=\"" + word + "\n}\n", "cred={\n\tpassword=" + word + "\n}\n",
		"dik=" + word + "\n", "psk=\"" + word + "\"\n", "psk \"" + word + "\"\n", "identity={\n\tpmk=" + word + "\n}\n",
		"network={\n\tmka_cak=" + word + "\n\twep_key0=" + word + "\n\tpsk_list=" + word + "\n}\n",
	}
	for _, f := range files {
		_, err := Parse("f", []byte(f))
		if err == nil {
			t.Errorf("%q is taken", f)
		} else if strings.Contains(err.Error(), word) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

func TestAddrMask(t *testing.T) {
	m := AddrMask{MAC{2, 0, 0, 0, 0, 1}, MAC{0xff, 0xff, 0xff}}
	if !m.Matches(MAC{2, 0, 0, 9, 9, 9}) || m.Matches(MAC{2, 0, 1, 0, 0, 1}) {
		t.Error("mask ff:ff:ff:00:00:00")
	}
}
