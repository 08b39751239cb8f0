using System.Diagnostics.CodeAnalysis;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Runs the tests, or is the process that one of them starts and kills: <c>child MODE FOLDER GRPC-PORT HTTP-PORT</c>.</summary>
[ExcludeFromCodeCoverage]
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is ["child", ..] ? Child.RunAsync(args[1..])
        : args.Any(arg => arg is "--server" or "--internal-msbuild-node") ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
        : ConsoleRunner.Run(args);
}
