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
    public void What_was_typed_is_words_and_nothing_else(string typed, string query) => Assert.Equal(query, SearchWords.ToQuery(typed));

    [Fact]
    public void Only_the_first_twenty_words_count() =>
        Assert.Equal(20, SearchWords.ToQuery(string.Join(' ', Enumerable.Repeat("woord", 50))).Split(' ').Length);

    [Fact]
    public void No_quote_of_the_user_gets_through() =>
        Gen.String.Sample(typed => SearchWords.ToQuery(typed).Split(' ').All(word => word.Length == 0 || (word[0] == '"' && word.EndsWith("\"*") && !word[1..^2].Contains('"'))));
}
