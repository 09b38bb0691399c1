package alert
import ("testing";"time";"math/rand/v2";"math";"github.com/dateline/dateline/pkg/spike")
func TestZZ(t *testing.T){
 rng:=rand.New(rand.NewPCG(3,4))
 pois:=func(m float64)int{ n:=0; s:=-math.Log(rng.Float64()); for s<m {n++; s-=math.Log(rng.Float64())}; return n}
 for _,K:=range []float64{2,4,8,1e9} { for _,share:=range []float64{.02,.05,.1,.2,.4} {
 for _,w:=range []time.Duration{time.Minute,2*time.Minute,5*time.Minute}{
 hit:=0; first:=0; reps:=200
 for range reps {
  b:=spike.NewBaseline(w,DefaultConfig().detector())
  sum,cnt:=0.,0.
  n:=int(28*24*time.Hour/w)
  at:=time.Unix(1772000000,0).Truncate(24*time.Hour)
  for i:=range n { h:=at.Add(time.Duration(i)*w).Hour(); f:=1+.8*math.Sin(float64(h)/24*6.28)
    e:=pois(4000*.62/28/24*w.Hours()*f); c:=0; if e>0 {sum+=float64(e);cnt++}; for range e { if rng.Float64()<.02 {c++}}
    b.Learn(spike.Bucket{At:at.Add(time.Duration(i)*w),Count:float64(c),Exposure:float64(e)})}
  at=at.Add(time.Duration(n)*w)
  live:=1.24*w.Seconds()
  thr:=-math.Log10(2./15/(500*30*24*60/w.Minutes()))
  got:=false
  for k:=range int(22*time.Minute/w) { sh:=.02; tt:=time.Duration(k)*w; if tt>=2*time.Minute {sh=share} 
    e:=pois(live); c:=0; for range e { if rng.Float64()<sh {c++}}
    tr:=*b; res:=tr.Observe(spike.Bucket{At:at.Add(tt),Count:float64(c),Exposure:float64(e)})
    r:=min(1,K*sum/cnt/float64(e)); sum+=float64(e); cnt++; cc:=0; for range c { if rng.Float64()<r {cc++}}
    b.Learn(spike.Bucket{At:at.Add(tt),Count:float64(cc),Exposure:float64(e)*r}) 
    if !got && res.Score>=thr { got=true; hit++; if tt<=2*time.Minute+w {first++} } }
  }
  t.Logf("K %g share %.1f window %v: %d of %d, %d at once",K,share,w,hit,reps,first)
 }}}
}
