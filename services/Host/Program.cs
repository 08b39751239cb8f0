using System.CommandLine;
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
    await app.StartAsync(cancel);
    Console.WriteLine($"gRPC on {Options(parsed).GrpcAddress}, tokens and health on {Options(parsed).Authority}. Stop with Ctrl+C.");
    await app.WaitForShutdownAsync(cancel);
    return 0;
});

root.Subcommands.Add(DemoCommand.Create(Options));
return await root.Parse(args).InvokeAsync();
