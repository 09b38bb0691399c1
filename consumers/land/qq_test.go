package land
import ("testing";"context")
func TestQQ(t *testing.T) {
	w := database(t)
	docs := stream()
	calm := w.bench()
	calm.land(docs[:8]...)
	calm.land(docs[8:]...)
	x := calm.documents.index
	t.Logf("kept %x %x", x.judge.Digest(), x.judge.Digest())
	for range 3 {
	fresh := newIndex(calm.cfg.Judge, calm.store)
	if err := fresh.restore(context.Background(), x.epoch, x.part, x.next); err != nil { t.Fatal(err) }
	c,s,k := fresh.judge.Parts()
	t.Logf("fresh %x %x %x %x", fresh.judge.Digest(), c,s,k)
	}
	c,s,k := x.judge.Parts()
	t.Logf("kept %x %x %x", c,s,k)
}
