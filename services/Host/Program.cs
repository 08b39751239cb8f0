using System.CommandLine;
using BeschutWerk.Backbone;
using BeschutWerk.Host;
using BeschutWerk.Host.Demo;

var data = new Option<string>("--data") { Description = "Folder of all stores and keys.", DefaultValueFactory = _ => "data", Recursive = true };
var grpcPort = new Option<int>("--grpc-port") { Description = "Port of gRPC on loopback.", DefaultValueFactory = _ => 5100, Recursive = true };
var httpPort = new Option<int>("--http-port") { Description = "Port of the token server and health on loopback.", DefaultValueFactory = _ => 5180, Recursive = true };

PlatformOptions Options(ParseResult parsed) => new(Path.GetFullPath(parsed.GetValue(data)!), parsed.GetValue(grpcPort), parsed.GetValue(httpPort));

var root = new RootCommand("The platform for sheltered work: all services in one process.") { data, grpcPort, httpPort };
root.SetAction(async (parsed, cancel) =>
{
    await using var app = PlatformHost.Build(Options(parsed));
    return await Startup.ServeAsync(
        app, () => Console.WriteLine($"gRPC on {Options(parsed).GrpcAddress}, tokens and health on {Options(parsed).Authority}. Stop with Ctrl+C."), cancel);
});

root.Subcommands.Add(DemoCommand.Create(Options));
// Not System.CommandLine's own report of an exception, which is a stack trace.
return await Startup.RunAsync(() => root.Parse(args).InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    // Its own two seconds after SIGTERM would end the process while running calls finish and hundreds of stores are closed.
    ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
}));
