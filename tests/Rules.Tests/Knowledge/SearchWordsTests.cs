using BeschutWerk.Knowledge.Practices;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Knowledge;

public sealed class SearchWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("***", "")]
    [InlineData("dagbesteding", "\"dagbesteding\"*")]
    [InlineData("sw-bedrijf  vinden", "\"sw\"* \"bedrijf\"* \"vinden\"*")]
    [InlineData("title:vinden OR NOT (x)", "\"title\"* \"vinden\"* \"OR\"* \"NOT\"* \"x\"*")]
    [InlineData("\"quoted\" NEAR/2", "\"quoted\"* \"NEAR\"* \"2\"*")]
    [InlineData("cafe\u0301", "\"cafe\u0301\"*")]
    [InlineData("\u0301", "")]
    [InlineData("\u0301e", "\"e\"*")]
    public void What_was_typed_is_words_and_nothing_else(string typed, string query) => Assert.Equal(query, SearchWords.ToQuery(typed));

    [Theory]
    [InlineData("", true)]
    [InlineData(" \t\u00A0\n\u3000", true)]
    [InlineData("\u200B\u0000", true)]
    [InlineData("*", false)]
    [InlineData(" a ", false)]
    public void What_cannot_be_seen_is_no_search(string typed, bool isBlank) => Assert.Equal(isBlank, SearchWords.IsBlank(typed));

    [Fact]
    public void Only_the_first_twenty_words_count() =>
        Assert.Equal(20, SearchWords.ToQuery(string.Join(' ', Enumerable.Repeat("woord", 50))).Split(' ').Length);

    [Fact]
    public void No_quote_of_the_user_gets_through() =>
        Gen.String.Sample(typed => SearchWords.ToQuery(typed).Split(' ').All(word => word.Length == 0 || (word[0] == '"' && word.EndsWith("\"*") && !word[1..^2].Contains('"'))));
}
