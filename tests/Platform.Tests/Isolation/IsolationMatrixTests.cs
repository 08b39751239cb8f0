using BeschutWerk.Platform.Tests.Documentation;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>
/// Nobody learns by any call what is another's, nor that there is anything: the matrix is made from the contracts, so that a new call or
/// field is tried by being declared. <c>ISOLATION_WRITE=1</c> writes the page of it anew.
/// </summary>
public sealed class IsolationMatrixTests(IsolationPlatform platform, ITestOutputHelper output) : IClassFixture<IsolationPlatform>
{
    private const int Least = 20_000, MostOfOneCall = 3;

    private static readonly string Page = Path.Combine(ReadmeTests.Root(), "contracts", "ISOLATION.md");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_anothers_and_what_nobody_has_are_answered_alike_and_nothing_is_told_or_left()
    {
        var started = TimeProvider.System.GetTimestamp();
        var matrix = new Matrix(platform);
        await matrix.RunAsync(Cancel);
        output.WriteLine($"{matrix.Count} combinations in {TimeProvider.System.GetElapsedTime(started)}");
        var page = IsolationPage.Of(matrix, platform.Everybody);
        if (Environment.GetEnvironmentVariable("ISOLATION_WRITE") == "1") await File.WriteAllTextAsync(Page, page, Cancel);

        string[] wrong =
        [
            .. Told("is told apart", matrix.Apart), .. Told("tells what is another's", matrix.Told),
            .. Told("was refused and left something", matrix.Left),
            .. Told("has no answer with a name, or was looked at no further", matrix.Vague),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        Assert.Equal(Matrix.Methods, matrix.Rows.Select(row => row.Method));
        Assert.True(matrix.Count >= Least, $"Only {matrix.Count} combinations.");
        Assert.Equal(page, await File.ReadAllTextAsync(Page, Cancel));
    }

    private static IEnumerable<string> Told(string what, IReadOnlyCollection<string> found) =>
        found.GroupBy(one => one.Split(' ')[0])
            .SelectMany(ofOne => ofOne.Take(MostOfOneCall).Select(one => $"{what} ({ofOne.Count()}): {one}"));
}
