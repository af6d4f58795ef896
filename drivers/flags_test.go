package drivers

import (
	"slices"
	"strings"
	"testing"
)

// TestFlagNames holds what wpa_supplicant 2.10 prints for mac80211_hwsim on
// Linux 6.1 (DRIVER_FLAGS).
func TestFlagNames(t *testing.T) {
	const word = 0xE4000D31FB5BFBE0
	want := strings.Fields(`SME AP SET_KEYS_AFTER_ASSOC_DONE HT_2040_COEX P2P_CONCURRENT P2P_CAPABLE
		AP_TEARDOWN_SUPPORT P2P_MGMT_AND_NON_P2P VALID_ERROR_CODES OFFCHANNEL_TX EAPOL_TX_STATUS
		DEAUTH_TX_STATUS TDLS_SUPPORT TDLS_EXTERNAL_SETUP AP_UAPSD AP_MLME SAE IBSS RADAR
		DEDICATED_P2P_DEVICE QOS_MAPPING AP_CSA MESH HT_IBSS VHT_IBSS FULL_AP_CLIENT_STATE
		SUPPORT_FILS BEACON_RATE_LEGACY CONTROL_PORT SAFE_PTK0_REKEYS BEACON_PROTECTION EXTENDED_KEY_ID`)
	if got := Flags(word).Names(); !slices.Equal(got, want) {
		t.Errorf("names of %#x:\n got %v\nwant %v", uint64(word), got, want)
	}
	all := FlagSME | FlagAP | FlagSetKeysAfterAssocDone | FlagHT2040Coex | FlagP2PConcurrent | FlagP2PCapable |
		FlagAPTeardownSupport | FlagP2PMgmtAndNonP2P | FlagValidErrorCodes | FlagOffchannelTX | FlagEAPOLTXStatus |
		FlagDeauthTXStatus | FlagTDLSSupport | FlagTDLSExternalSetup | FlagAPUAPSD | FlagAPMLME | FlagSAE | FlagIBSS |
		FlagRadar | FlagDedicatedP2PDevice | FlagQoSMapping | FlagAPCSA | FlagMesh | FlagHTIBSS | FlagVHTIBSS |
		FlagFullAPClientState | FlagFILS | FlagBeaconRateLegacy | FlagControlPort | FlagSafePTK0Rekeys |
		FlagBeaconProtection | FlagExtendedKeyID
	if all != word {
		t.Errorf("constants give %#x, want %#x", uint64(all), uint64(word))
	}
}

func TestFlags2Names(t *testing.T) {
	if got, want := (Flag2ControlPortRX | Flag2OCV | 1<<40).Names(), []string{"CONTROL_PORT_RX", "OCV", "UNKNOWN"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Flags2(0).Names(); got != nil {
		t.Errorf("no bits have the names %v", got)
	}
}
