import { openRecords } from './lib/source/records';
import { cacheFolder } from './lib/source/cache';
import { Catalogue } from './lib/analysis/catalogue';
import { openExplorer } from './lib/explore/open';
import { PANELS } from './lib/explore/panels';
(async()=>{
 const t0=performance.now();
 const r=await openRecords([process.argv[2]!],{cache:cacheFolder(),threads:2,memory:'1GB'});
 console.log('records',performance.now()-t0);
 const o=(await openExplorer(r,new Catalogue(),{cache:cacheFolder(),groups:[]}))!;
 console.log('open',performance.now()-t0, o.prepared.domain);
 const all={measure:'records' as const,compare:false,filters:{}};
 const run=async(s:any,active?:any,log=false)=>{const a=performance.now();await Promise.all(o.prepared.panels.filter(p=>!(active==='time'&&p.id==='timeline')).map(async p=>{const b=performance.now();await o.explorer.panel(p,s,{active}); if(log)console.log('   ',p.id,(performance.now()-b).toFixed(0));}));return performance.now()-a;};
 console.log('first picture',await run(all,undefined,true),'at',performance.now()-t0);
 const {from,to,step}=o.prepared.domain;
 const ms:number[]=[];
 for(let i=0;i<40;i++){const a=from+step*Math.floor(Math.random()*200),w=step*(1+Math.floor(Math.random()*80));ms.push(await run({...all,brush:{from:a,to:a+w}},'time',i===0));}
 ms.sort((a,b)=>a-b);console.log('time brush unfiltered',ms[20],ms[38]);
 const f={...all,filters:{protocol:{values:[6],exclude:false}}};
 console.log('click protocol=6',await run(f,undefined,true));
 let a=performance.now();await o.explorer.warm(f as any,'time');console.log('warm',performance.now()-a);
 ms.length=0;for(let i=0;i<40;i++){const a=from+step*Math.floor(Math.random()*200),w=step*(1+Math.floor(Math.random()*80));ms.push(await run({...f,brush:{from:a,to:a+w}},'time'));}
 ms.sort((a,b)=>a-b);console.log('time brush filtered',ms[20],ms[38]);
 a=performance.now();await o.explorer.warm(all,'bytes_size');console.log('warm bytes',performance.now()-a);
 ms.length=0;for(let i=0;i<20;i++){ms.push(await run({...all,filters:{bytes_size:{values:[i%8,i%8+1,i%8+2+(i>>3)],exclude:false}}},'bytes_size',i===3));}
 ms.sort((a,b)=>a-b);console.log('bytes brush',ms[10],ms[18]);
 await r.close();
})();
