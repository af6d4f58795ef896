package ctrl

import (
	"bytes"
	"fmt"
	"strings"

	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// appendWPS appends the attributes of WPS elements that are there.
func appendWPS(dst []byte, b *bss.BSS) []byte {
	w, ok := b.WPS()
	if !ok {
		return dst
	}
	if w.State != nil {
		if name := map[uint8]string{1: "unconfigured", 2: "configured"}[*w.State]; name != "" {
			dst = fmt.Appendf(dst, "wps_state=%s\n", name)
		}
	}
	if w.APSetupLocked != nil && *w.APSetupLocked {
		dst = append(dst, "wps_ap_setup_locked=1\n"...)
	}
	if w.SelectedRegistrar != nil && *w.SelectedRegistrar {
		dst = append(dst, "wps_selected_registrar=1\n"...)
	}
	if w.DevicePasswordID != nil {
		dst = fmt.Appendf(dst, "wps_device_password_id=%d\n", *w.DevicePasswordID)
	}
	if w.SelRegConfigMethods != nil {
		dst = fmt.Appendf(dst, "wps_selected_registrar_config_methods=0x%04x\n", *w.SelRegConfigMethods)
	}
	if t := w.PrimaryDeviceType; t != nil {
		dst = fmt.Appendf(dst, "wps_primary_device_type=%d-%X-%d\n", int(t[0])<<8|int(t[1]), t[2:6], int(t[6])<<8|int(t[7]))
	}
	if w.DeviceName != nil {
		dst = fmt.Appendf(dst, "wps_device_name=%s\n", oneLine(w.DeviceName))
	}
	if w.ConfigMethods != nil {
		dst = fmt.Appendf(dst, "wps_config_methods=0x%04x\n", *w.ConfigMethods)
	}
	return dst
}

// oneLine is a name from the air with control characters replaced by "_".
func oneLine(name []byte) []byte {
	out := bytes.Clone(name)
	for k, c := range out {
		if c < ' ' || c == 0x7f {
			out[k] = '_'
		}
	}
	return out
}

// appendMesh appends what a mesh beacon tells.
func appendMesh(dst []byte, b *bss.BSS) []byte {
	id, ok := b.IEs.Find(dot11.ElementMeshID)
	if !ok {
		return dst
	}
	dst = append(dst, "mesh_id="...)
	dst = append(dot11.AppendEscaped(dst, id), '\n')
	body, _ := b.IEs.Find(dot11.ElementMeshConfiguration)
	m, err := dot11.ParseMeshConfiguration(body)
	if err != nil {
		return dst
	}
	dst = fmt.Appendf(dst, "active_path_selection_protocol_id=0x%02x\nactive_path_selection_metric_id=0x%02x\n"+
		"congestion_control_mode_id=0x%02x\nsynchronization_method_id=0x%02x\nauthentication_protocol_id=0x%02x\n"+
		"mesh_formation_info=0x%02x\nmesh_capability=0x%02x\n", m.PathProtocol, m.PathMetric, m.CongestionControl,
		m.Synchronization, m.Authentication, m.FormationInfo, m.Capability)
	const basic = 0x80 // marks rates that every member supports; the rest is in units of 500 kbit/s
	var rates []string
	for _, element := range []dot11.ElementID{dot11.ElementSupportedRates, dot11.ElementExtendedSupportedRates} {
		list, _ := b.IEs.Find(element)
		for _, r := range list {
			if r&basic != 0 {
				rates = append(rates, fmt.Sprint(int(r&^basic)*5))
			}
		}
	}
	if len(rates) > 0 {
		dst = fmt.Appendf(dst, "bss_basic_rate_set=%s\n", strings.Join(rates, " "))
	}
	return dst
}

// appendFILS appends the FILS Indication element.
func appendFILS(dst []byte, b *bss.BSS) []byte {
	body, ok := b.IEs.Find(dot11.ElementFILSIndication)
	if !ok {
		return dst
	}
	f, err := dot11.ParseFILSIndication(body)
	if err != nil {
		return dst
	}
	dst = fmt.Appendf(dst, "fils_info=%04x\n", f.Info)
	if f.CacheID != nil {
		dst = fmt.Appendf(dst, "fils_cache_id=%x\n", *f.CacheID)
	}
	if f.HESSID != nil {
		dst = fmt.Appendf(dst, "fils_hessid=%v\n", *f.HESSID)
	}
	if len(f.Realms) > 0 {
		var realms []string
		for _, r := range f.Realms {
			realms = append(realms, fmt.Sprintf("%x", r))
		}
		dst = fmt.Appendf(dst, "fils_realms=%s\n", strings.Join(realms, ","))
	}
	return dst
}
