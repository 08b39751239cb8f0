using BeschutWerk.Identity;

await using var app = IdentityProcess.Build(args);
await app.RunAsync();
