package ctrl

import (
	"testing"

	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// TestBSSElements: the lines made of elements, from hand-written ones.
func TestBSSElements(t *testing.T) {
	wps := []byte{
		0x10, 0x44, 0, 1, 2, // state: configured
		0x10, 0x57, 0, 1, 1, // setup locked
		0x10, 0x41, 0, 1, 1, // selected registrar
		0x10, 0x12, 0, 2, 0, 4, // device password: push button
		0x10, 0x53, 0, 2, 0x01, 0x84, // registrar's config methods
		0x10, 0x54, 0, 8, 0, 6, 0x00, 0x50, 0xf2, 0x04, 0, 1, // primary device type
		0x10, 0x11, 0, 4, 'a', '\n', 0xff, 'b', // device name
		0x10, 0x08, 0, 2, 0x20, 0x08, // config methods
	}
	ies := dot11.AppendVendorElement(nil, dot11.OUIMicrosoft, dot11.MicrosoftWPS, wps...)
	b := &bss.BSS{IEs: ies}
	want := "wps_state=configured\nwps_ap_setup_locked=1\nwps_selected_registrar=1\nwps_device_password_id=4\n" +
		"wps_selected_registrar_config_methods=0x0184\nwps_primary_device_type=6-0050F204-1\nwps_device_name=a_\xffb\nwps_config_methods=0x2008\n"
	if got := string(appendWPS(nil, b)); got != want {
		t.Errorf("WPS:\n%q, want\n%q", got, want)
	}

	ies = dot11.AppendElement(nil, dot11.ElementSupportedRates, 0x82, 0x84, 0x0b)
	ies = dot11.AppendElement(ies, dot11.ElementExtendedSupportedRates, 0xb0)
	ies = dot11.AppendElement(ies, dot11.ElementMeshID, 'm', '\n')
	ies = dot11.AppendElement(ies, dot11.ElementMeshConfiguration, 1, 1, 0, 1, 2, 0, 9)
	b = &bss.BSS{IEs: ies}
	want = "mesh_id=m\\n\nactive_path_selection_protocol_id=0x01\nactive_path_selection_metric_id=0x01\ncongestion_control_mode_id=0x00\n" +
		"synchronization_method_id=0x01\nauthentication_protocol_id=0x02\nmesh_formation_info=0x00\nmesh_capability=0x09\nbss_basic_rate_set=10 20 240\n"
	if got := string(appendMesh(nil, b)); got != want {
		t.Errorf("mesh:\n%q, want\n%q", got, want)
	}

	// two realms, cache identifier, HESSID
	fils := []byte{0x90, 0x01, 0xaa, 0xbb, 2, 0, 0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44}
	b = &bss.BSS{IEs: dot11.AppendElement(nil, dot11.ElementFILSIndication, fils...)}
	want = "fils_info=0190\nfils_cache_id=aabb\nfils_hessid=02:00:00:00:00:01\nfils_realms=1122,3344\n"
	if got := string(appendFILS(nil, b)); got != want {
		t.Errorf("FILS:\n%q, want\n%q", got, want)
	}

	for n := range len(ies) { // every truncation is passed over
		cut := &bss.BSS{IEs: ies[:n]}
		appendMesh(nil, cut)
		appendWPS(nil, cut)
		appendFILS(nil, cut)
	}
	plain := &bss.BSS{}
	if got := string(appendFILS(appendMesh(appendWPS(nil, plain), plain), plain)); got != "" {
		t.Errorf("without elements: %q", got)
	}
}
