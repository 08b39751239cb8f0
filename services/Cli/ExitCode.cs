namespace BeschutWerk.Cli;

/// <summary>What the command <c>bw</c> ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done; for <c>doctor</c>: nothing found.</summary>
    public const int Done = 0;

    /// <summary>The platform or the broker refused; for <c>doctor</c>: something was found.</summary>
    public const int Refused = 1;

    /// <summary>Something that had to be asked is out of reach, or there are no credentials to ask with.</summary>
    public const int OutOfReach = 2;

    /// <summary>The command line is wrong, or the command was not confirmed.</summary>
    public const int Usage = 3;

    /// <summary>Stopped by Ctrl-C before it was done.</summary>
    public const int Interrupted = 130;
}
