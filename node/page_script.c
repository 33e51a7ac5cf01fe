#include "node/page_script.h"

/* Words of titles that begin as the last one typed does become options of the search field's list.
 * An answer that comes after a newer question is dropped; a failure leaves the list as it was. */
static const char script[] =
	"(function(){"
	"var q=document.getElementById('q'),list=document.getElementById('words'),timer,asked=0;"
	"if(!q||!list||!window.fetch)return;"
	"function show(before,words){"
	"list.textContent='';"
	"words.slice(0,8).forEach(function(one){"
	"var option=document.createElement('option');"
	"option.value=before+one.word;"
	"list.appendChild(option)})}"
	"function ask(){"
	"var text=q.value,last=/\\S+$/.exec(text),mine=++asked;"
	"if(!last||last[0].length<2||text.length>200)return show('',[]);"
	"fetch('/api/v1/suggest?q='+encodeURIComponent(text),{credentials:'omit'})"
	".then(function(answer){return answer.ok?answer.json():{words:[]}})"
	".then(function(answer){"
	"if(mine===asked)show(text.slice(0,last.index),answer.words)})"
	".catch(function(){})}"
	"q.addEventListener('input',function(){clearTimeout(timer);timer=setTimeout(ask,150)})"
	"})()";

const char *node_page_script_text(void)
{
	return script;
}
