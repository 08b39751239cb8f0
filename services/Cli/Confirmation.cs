namespace BeschutWerk.Cli;

/// <summary>Asks before something is done that cannot be undone.</summary>
internal static class Confirmation
{
    /// <param name="given">Whether <c>--yes</c> was said.</param>
    /// <param name="question">What would be done, as a question.</param>
    /// <exception cref="Failure">It was not confirmed, or there is nobody to ask.</exception>
    public static void Require(bool given, Output output, string question)
    {
        if (given) return;
        if (Console.IsInputRedirected) throw new Failure(ExitCode.Usage, "This cannot be undone and nobody can be asked here: add --yes. Nothing was changed.");
        output.Ask(question + " [y/N] ");
        if (Console.ReadLine()?.Trim() is not ("y" or "Y" or "yes")) throw new Failure(ExitCode.Usage, "Not confirmed. Nothing was changed.");
    }
}
