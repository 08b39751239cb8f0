namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>Citizen service numbers of nobody in particular, each once.</summary>
internal static class TestBsn
{
    // Apart from those that other fixtures count from.
    private static int _last = 34_567_000;

    public static string Next()
    {
        while (true)
        {
            // Nine digits whose weighted sum (9..2, and -1 for the last) is a multiple of eleven.
            var digits = $"{Interlocked.Increment(ref _last):D8}";
            var last = digits.Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 11;
            if (last < 10) return digits + last;
        }
    }
}
