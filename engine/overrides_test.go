package engine

import (
	"fmt"
	"strings"
	"testing"

	"gosupplicant/conf"
)

// apart prints the octets of a capability that its mask covers, as "octet:value/mask".
func apart(t *testing.T, size int, capa, mask []byte) string {
	t.Helper()
	if capa == nil && mask == nil {
		return ""
	}
	if len(capa) != size || len(mask) != size {
		t.Errorf("%d and %d octets, want %d", len(capa), len(mask), size)
	}
	var list []string
	for k, m := range mask {
		if capa[k]&^m != 0 {
			t.Errorf("octet %d: %#x outside of the mask %#x", k, capa[k], m)
		}
		if m != 0 {
			list = append(list, fmt.Sprintf("%02x:%02x/%02x", k, capa[k], m))
		}
	}
	return strings.Join(list, " ")
}

func TestCapaOverrides(t *testing.T) {
	for _, c := range []struct{ fields, ht, vht string }{
		{"", "", ""},
		{"ht_mcs \"\"", "", ""},
		{"disable_ht40 1", "00:00/42", ""},
		{"disable_sgi 1", "00:00/60", "00:00/60"},
		{"disable_ldpc 1", "00:00/01", ""},
		{"ht40_intolerant 1", "01:40/40", ""},
		{"tx_stbc 0", "00:00/80", ""},
		{"tx_stbc 1", "00:80/80", ""},
		{"rx_stbc 0", "01:00/03", ""},
		{"rx_stbc 3", "01:03/03", ""},
		{"disable_max_amsdu 0", "01:08/08", ""},
		{"disable_max_amsdu 1", "01:00/08", ""},
		{"ampdu_factor 0", "02:00/03", ""},
		{"ampdu_factor 2", "02:02/03", ""},
		{"ampdu_density 5", "02:14/1c", ""},
		{"ht_mcs \"0xff\"", "03:ff/ff 04:00/ff 05:00/ff 06:00/ff 07:00/ff 08:00/ff 09:00/ff 0a:00/ff 0b:00/ff 0c:00/1f", ""},
		{"ht_mcs \"f 0 0XA5\"", "03:0f/ff 04:00/ff 05:a5/ff 06:00/ff 07:00/ff 08:00/ff 09:00/ff 0a:00/ff 0b:00/ff 0c:00/1f", ""},
		{"ht_mcs \"ff00000000000000ffff\"", "03:ff/ff 04:00/ff 05:00/ff 06:00/ff 07:00/ff 08:00/ff 09:00/ff 0a:00/ff 0b:ff/ff 0c:1f/1f", ""},
		{"disable_ht40 1;disable_sgi 1;disable_ldpc 1;ht40_intolerant 1;tx_stbc 1;rx_stbc 1;disable_max_amsdu 0;ampdu_factor 3;ampdu_density 7",
			"00:80/e3 01:49/4b 02:1f/1f", "00:00/60"},
		{"vht_capa 0xffffffff", "", ""},
		{"vht_capa 0xffffffff;vht_capa_mask 0x80000010", "", "00:10/10 03:80/80"},
		{"vht_capa_mask 0xffff", "", "00:00/ff 01:00/ff"},
		{"vht_capa 0x60;vht_capa_mask 0x60;disable_sgi 1", "00:00/60", "00:00/60"},
		{"vht_capa 0x1000000;vht_capa_mask 0x3800000;ampdu_factor 0", "02:02/03", "02:00/80 03:01/03"},
		{"vht_capa 0x3800000;vht_capa_mask 0x3800000", "02:03/03", "02:80/80 03:03/03"},
		{"vht_rx_mcs_nss_1 0", "", "04:00/03"},
		{"vht_rx_mcs_nss_8 3;vht_tx_mcs_nss_1 2;vht_tx_mcs_nss_5 1", "", "05:c0/c0 08:02/03 09:01/03"},
	} {
		n := conf.NewNetwork()
		for f := range strings.SplitSeq(c.fields, ";") {
			if name, value, ok := strings.Cut(f, " "); ok {
				if _, err := n.Set(name, value); err != nil {
					t.Fatal(err)
				}
			}
		}
		o, err := capaOverrides(n)
		if err != nil {
			t.Errorf("%s: %v", c.fields, err)
		}
		if got := apart(t, 26, o.ht, o.htMask); got != c.ht {
			t.Errorf("%s: HT %q, want %q", c.fields, got, c.ht)
		}
		if got := apart(t, 12, o.vht, o.vhtMask); got != c.vht {
			t.Errorf("%s: VHT %q, want %q", c.fields, got, c.vht)
		}
	}
}

func TestCapaOverridesMalformed(t *testing.T) {
	for _, text := range []string{"x", "0x", "0xff,00", "ff fff", "-1", "0x0xff", "ff ff ff ff ff ff ff ff ff ff 00"} {
		n := conf.NewNetwork()
		n.HTMCS = conf.Text(text)
		if o, err := capaOverrides(n); err == nil || !strings.HasPrefix(err.Error(), "ht_mcs: ") || o.htMask != nil {
			t.Errorf("%q: %+v, %v", text, o, err)
		}
	}
}
