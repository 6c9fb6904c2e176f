import fc from "fast-check";

const INDENTS = ["", "", "", "", " ", "  ", "   ", "    ", "     ", "      ", "\t", " \t", "   \t", "\u00a0", "\f"];
const MARKERS = [
  ..."-+*>".split("").flatMap((mark) => [mark, `${mark} `, `${mark}   `, `${mark}    `, `${mark}     `, `${mark}\t`]),
  ...["1.", "1. ", "2) ", "12. ", "123456789. ", "1234567890. ", "1.  ", "1.\t", "0) "],
];
const LEAVES = [
  ...String.raw`
text
text
more *text* here.
Ünlaut
12 apples
1.5 apples
(c)
|a|b|
\# x
# one
## two ##
###### ${"`six`"} &amp; more
####### seven
#hash
#
# plain text
#  spaced
# a#
# a #b c
# a \#
# <b>x</b>
# [a](b) !
~~~
~~~~
~~~wire
~x
>>> GET a
<<< x
=== closed
===
=
---
-
--
- - -
***
* * *
___
_ _ _
_a_
__
+++
=== x
--- x
<!-- wire skip -->
<!-- wire
<!-- a
-->
x -->
<!-- a --> b
<?php
?>
<!X
<![CDATA[
]]>
<div>
</div>
<pre>
</pre>
<script>
<b>
<b
<https://a.b>
</x>
<a href='x'>
[foo]: /url
[foo]:
/url
'title
title'
"title"
[foo]: /url 'a
[a]
[^1]: note
![x](y)
%
~~~ ~~~
{{x}}
:::
$$
@a
&amp;
&
`.split("\n"),
  ...[
    "```",
    "```",
    "````",
    "```wire",
    "``` a`b",
    "``",
    "`code` text",
    "``x``",
    "```wire timeout=5s  ",
    "```\t",
    "``` ```",
  ],
  ...["# ", "#\ttab", "# ends in nbsp\u00a0", "# \u00a0", "# ends in spaces  ", "# \u007f x", "~~~wire `x`"],
  ...["\u2028", "\u0000", "\u0085# x", "\ud800", "\\"],
];

const leaf = fc.constantFrom(...LEAVES);
const line = fc
  .tuple(
    fc.constantFrom(...INDENTS),
    fc.array(fc.constantFrom(...MARKERS), { maxLength: 4 }).map((marks) => (marks.length > 2 ? marks : marks.slice(1))),
    fc.constantFrom(...INDENTS),
    leaf,
    fc.constantFrom("", "", "", "", " ", "  ", "\t", "\u00a0"),
  )
  .map((parts) => parts.flat().join(""));
const anything = fc.string({ unit: fc.constantFrom(..."-+*>#`~<=_[]:12.) \tab\n\n!/".split("")), maxLength: 12 });
/** Texts made to confuse a reader of Markdown: markers, indentation and beginnings of blocks in any order. */
export const markdownText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: line }, leaf, leaf, fc.constant(""), anything), { maxLength: 14 }),
    fc.boolean(),
  )
  .map(([lines, ended]) => lines.join("\n") + (ended ? "\n" : ""));
