package engine

import (
	"encoding/binary"
	"strings"
)

// helloStatement is how clickhouse-go learns about the server before anything else.
const helloStatement = "SELECT displayName(), version(), revision(), timezone()"

func isHello(sql string, o options) bool {
	return o.protocol != "" && o.format == "Native" && strings.Join(strings.Fields(sql), " ") == helloStatement
}

// hello answers it with protocol revision 0. The library writes Native blocks in the form of that
// revision, and a client which has been told so reads them; only this first answer must be in the
// form of the client's own, newer revision: with block info and a custom serialisation flag for each
// column.
func (q *request) hello() error {
	var b []byte
	str := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	b = append(b, 1, 0)                                 // block info: field 1, is_overflows = false,
	b = append(b, 2)                                    // field 2, bucket_num
	b = binary.LittleEndian.AppendUint32(b, 0xffffffff) // = -1,
	b = append(b, 0)                                    // end
	b = append(b, 4, 1)                                 // columns, rows
	column := func(name, kind string) { str(name); str(kind); b = append(b, 0) }
	column("displayName()", "String")
	str("dateline")
	column("version()", "String")
	str(q.c.ver)
	column("revision()", "UInt32")
	b = binary.LittleEndian.AppendUint32(b, 0)
	column("timezone()", "String")
	str("UTC")
	_, err := q.out.Write(b)
	return err
}
