using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Symbols.Tests;

public sealed class RustNameTests
{
    [Theory]
    [InlineData("_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place")]
    [InlineData("_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE", "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop")]
    [InlineData("_ZN3foo28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "foo::{{closure}}")]
    [InlineData("_ZN5alloc5alloc15exchange_malloc17h2b4e1d5bf3cdea77E.llvm.1234", "alloc::alloc::exchange_malloc")]
    [InlineData("_ZN8my_crate13$RF$$BP$thing17h0123456789abcdefE", "my_crate::&*thing")]
    [InlineData("_RNvC6_123foo3bar", "123foo::bar")]
    [InlineData("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar")]
    [InlineData("_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>")]
    [InlineData("_RNCNvC7mycrate4mains_0", "mycrate::main::{closure#1}")]
    [InlineData("_RNvMs_C7mycrateNtB4_3Foo3new", "<mycrate::Foo>::new")]
    [InlineData("_RNvXs_C7mycrateNtB4_3FooNtNtC4core3fmt5Debug3fmt", "<mycrate::Foo as core::fmt::Debug>::fmt")]
    [InlineData("_RINvC7mycrate3fooTlReQhEE", "mycrate::foo::<(i32, &str, &mut u8)>")]
    [InlineData("_RINvC7mycrate3fooAhj10_E", "mycrate::foo::<[u8; 16]>")]
    [InlineData("_RINvC7mycrate3fooFUKClEuE", "mycrate::foo::<unsafe extern \"C\" fn(i32)>")]
    [InlineData("_RINvC7mycrate3fooDNtNtC4core3fmt5DebugEL_E", "mycrate::foo::<dyn core::fmt::Debug>")]
    [InlineData("_RINvC7mycrate3fooKb1_E", "mycrate::foo::<true>")]
    [InlineData("_RINvC7mycrate3fooKin5_E", "mycrate::foo::<-5>")]
    [InlineData("_RNvC7mycrateu8gdel_5qa", "mycrate::gödel")]
    [InlineData("_RINvC7mycrate3fooINtNtC5alloc3vec3VechEE", "mycrate::foo::<alloc::vec::Vec<u8>>")]
    public void ANameIsAsInTheSource(string mangled, string readable) => Assert.Equal(readable, Demangler.Readable(mangled));

    [Theory]
    [InlineData("_R")]
    [InlineData("_RNvC")]
    [InlineData("_RNvC9999999999foo")]
    [InlineData("_RB_")]
    [InlineData("_RNvB_3foo")]
    [InlineData("_ZN3foo17h0123456789abcdef")]
    [InlineData("malloc")]
    public void WhatIsNoSuchNameStaysAsItIs(string name) => Assert.Equal(name, Demangler.Readable(name));

    [Theory]
    [InlineData("_Z3foov", "foo()")]
    [InlineData("_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back(int const&)")]
    [InlineData("_ZN3foo3barEv.part.0", "foo::bar()")]
    [InlineData("_ZNK3foo3barEv.cold", "foo::bar() const")]
    [InlineData("memcpy@GLIBC_2.14", "memcpy")]
    [InlineData("_Znwm@plt", "operator new(unsigned long)@plt")]
    public void CppNamesAreThoseOfItsLibrary(string mangled, string readable) => Assert.Equal(readable, Demangler.Readable(mangled));
}
