package lab

import (
	"slices"
	"strings"
	"testing"
)

const results = scanHeader + "\n" +
	"02:00:00:00:00:00\t2412\t-30\t[WPA2-PSK-CCMP][ESS]\tone two\n" +
	"02:00:00:00:01:00\t5180\t-61\t[ESS]\t\n"

func TestParseScanResults(t *testing.T) {
	rows, err := ParseScanResults("Selected interface 'wlan0'\n" + results)
	if err != nil {
		t.Fatal(err)
	}
	want := []ScanRow{{"02:00:00:00:00:00", 2412, -30, "[WPA2-PSK-CCMP][ESS]", "one two"}, {"02:00:00:00:01:00", 5180, -61, "[ESS]", ""}}
	if !slices.Equal(rows, want) {
		t.Errorf("got %+v", rows)
	}
	for _, bad := range []string{"", "FAIL\n", "02:00:00:00:00:00\t1\t2\t3\t4", scanHeader + "\nx", scanHeader + "\na\tb\t-1\t\t", scanHeader + "\na\t1\tb\t\t"} {
		if _, err := ParseScanResults(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestStableBSS(t *testing.T) {
	got, err := StableBSS("id=3\nbssid=02:00:00:00:00:00\nage=1\nie=000161050402030004\nssid=a\n")
	if err != nil {
		t.Fatal(err)
	}
	want := "bssid=02:00:00:00:00:00 ie=000161050400030000 ssid=a"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	for _, bad := range []string{"ie=0", "ie=0001", "ie=00", "novalue"} {
		if _, err := StableBSS(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	if n, err := Level("bssid=x\nlevel=-44\n"); n != -44 || err != nil {
		t.Errorf("level %d, %v", n, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(results)
	f.Add("id=3\nie=000161050402030004\nbeacon_ie=0001\n")
	f.Fuzz(func(t *testing.T, text string) {
		if rows, err := ParseScanResults(text); err == nil && len(rows) > strings.Count(text, "\n")+1 {
			t.Errorf("%d rows from %q", len(rows), text)
		}
		once, err := StableBSS(text)
		if err != nil {
			return
		}
		twice, err := StableBSS(strings.Join(once, "\n"))
		if err != nil || !slices.Equal(once, twice) {
			t.Errorf("not stable: %q then %q (%v)", once, twice, err)
		}
	})
}

func TestIsEvent(t *testing.T) {
	for msg, want := range map[string]bool{"<3>CTRL-EVENT-SCAN-STARTED ": true, "IFNAME=wlan0 <2>x": true, "OK\n": false, "": false, "IFNAME=wlan0": false, "<x>": false} {
		if got := isEvent(msg); got != want {
			t.Errorf("%q: %v", msg, got)
		}
	}
}
