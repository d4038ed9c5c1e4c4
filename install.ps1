# SPDX-License-Identifier: Apache-2.0
#Requires -Version 5.1
<#
.SYNOPSIS
Installs, upgrades, repairs, detects or removes Photowarden on a Windows PC.

.DESCRIPTION
This script decides nothing. It finds Python, asks `service.windows` for a plan, and carries the
plan out step by step; every step is shown by -WhatIf, which leaves nothing behind. Nothing is
downloaded when a folder `wheels` lies beside this script or -WheelDir names one.

It runs in Windows PowerShell 5.1, also in Constrained Language Mode, and asks nothing. The guide
for technicians is docs/deployment.md.

.PARAMETER Install
Install, or bring an older version up to date. This is the default.
.PARAMETER Upgrade
Bring an older version up to date; refuses where nothing is installed.
.PARAMETER Repair
Lay the same version anew and set rights and service again.
.PARAMETER Uninstall
Remove the program and the service. The site (settings, keys, records, pictures) stays.
.PARAMETER PurgeData
With -Uninstall: delete the station's settings, keys and records too. Refuses while anything is
unfinished, and never deletes pictures, the storage or the office's keys.
.PARAMETER Detect
Print the installed version and end with 0, or print nothing and end with 1 (for Intune).
.PARAMETER Demo
Run the demonstration in a temporary folder and remove it. Needs no administrator.
.PARAMETER Silent
Print nothing but faults.
.PARAMETER PythonPath
The python.exe to use. Default: the newest Python 3.11 or later that is installed for all users.
.PARAMETER WheelDir
A folder with all packages. Default: `wheels` beside this script; without it the index is asked.
.PARAMETER LogPath
The folder for the transcript. Default: Logs\Photowarden in the Windows folder.

.EXAMPLE
powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File install.ps1 -Install -Silent

.EXAMPLE
.\install.ps1 -Install -WhatIf

.NOTES
Exit codes: 0 done, 1 not detected, 5 not an administrator, 87 wrong parameter, 1602 declined,
1603 failed (and taken back), 1604 unfinished data, 1605 not installed, 1618 busy, try again,
1638 a newer version is installed.
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Install')]
param(
    [Parameter(ParameterSetName = 'Install')] [switch] $Install,
    [Parameter(ParameterSetName = 'Upgrade', Mandatory = $true)] [switch] $Upgrade,
    [Parameter(ParameterSetName = 'Repair', Mandatory = $true)] [switch] $Repair,
    [Parameter(ParameterSetName = 'Uninstall', Mandatory = $true)] [switch] $Uninstall,
    [Parameter(ParameterSetName = 'Uninstall')] [switch] $PurgeData,
    [Parameter(ParameterSetName = 'Detect', Mandatory = $true)] [switch] $Detect,
    [Parameter(ParameterSetName = 'Demo', Mandatory = $true)] [switch] $Demo,
    [switch] $Silent,
    [string] $PythonPath,
    [string] $WheelDir,
    [string] $LogPath
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Caller = $PSCmdlet
$script:Transcript = $false
$script:ExitCode = 1603

function Invoke-Native {
    # Run a program; an exit code that is not accepted is an error. Returns what it printed.
    param([string] $Program, [string[]] $Arguments, [int[]] $Accept = @(0))
    $printed = & $Program @Arguments
    if ($Accept -notcontains $LASTEXITCODE) {
        throw "$Program ended with exit code $LASTEXITCODE"
    }
    return $printed
}

function Restart-In64Bit {
    # The Intune agent starts 32-bit PowerShell, which sees other folders and another registry.
    param($Given)
    $words = @('-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', $PSCommandPath)
    foreach ($name in $Given.Keys) {
        if ($Given[$name] -is [switch]) {
            if ($Given[$name]) {
                $words += "-$name"
            }
        } else {
            $words += "-$name"
            $words += "$($Given[$name])"
        }
    }
    & "$env:SystemRoot\Sysnative\WindowsPowerShell\v1.0\powershell.exe" @words
    exit $LASTEXITCODE
}

function Test-Change {
    # The one gate before every change. Constrained Language Mode has no ShouldProcess to call.
    param([string] $Target, [string] $Action)
    if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') {
        return $script:Caller.ShouldProcess($Target, $Action)
    }
    if ($WhatIfPreference) {
        Write-Host "What if: $Action : $Target"
        return $false
    }
    return $true
}

function Write-Told {
    # Tell the technician; nothing with -Silent.
    param([string] $Text)
    if ($Text -and -not $Silent) {
        Write-Host $Text
    }
}

function Find-WheelFolder {
    # The folder with all packages, or nothing: then the index is asked.
    if ($WheelDir) {
        return $WheelDir
    }
    $beside = Join-Path -Path $PSScriptRoot -ChildPath 'wheels'
    if (Test-Path -LiteralPath $beside -PathType Container) {
        return $beside
    }
    return ''
}

function Test-WheelsFor {
    # Whether the wheel folder is for this version of Python; without a folder every version is.
    param([string] $Wheels, [string] $Version)
    if (-not $Wheels) {
        return $true
    }
    $tag = 'cp' + ($Version -replace '\.', '')
    $found = @(Get-ChildItem -LiteralPath $Wheels -Filter "*-$tag-$tag-*.whl")
    return ($found.Count -gt 0)
}

function Find-Python {
    # The newest Python for all users that the packages are for; or nothing.
    param([string] $Wheels)
    if ($PythonPath) {
        return $PythonPath
    }
    $best = ''
    $bestVersion = [version] '3.10'
    $keys = @(Get-ChildItem -Path 'HKLM:\SOFTWARE\Python\PythonCore' -ErrorAction SilentlyContinue)
    foreach ($key in $keys) {
        $name = $key.PSChildName
        if ($name -notmatch '^3\.\d+$' -or -not (Test-WheelsFor -Wheels $Wheels -Version $name)) {
            continue
        }
        $place = Get-ItemProperty -Path "HKLM:\SOFTWARE\Python\PythonCore\$name\InstallPath" -Name 'ExecutablePath' -ErrorAction SilentlyContinue
        if ($null -ne $place -and ([version] $name) -gt $bestVersion) {
            $best = $place.ExecutablePath
            $bestVersion = [version] $name
        }
    }
    return $best
}

function Find-Planner {
    # Our own wheel, once its digest was compared with release.lock; else the checkout itself.
    $program = Join-Path -Path $PSScriptRoot -ChildPath 'program'
    $wheels = @(Get-ChildItem -Path (Join-Path -Path $program -ChildPath 'photowarden-*.whl') -ErrorAction SilentlyContinue)
    if ($wheels.Count -eq 0) {
        return $PSScriptRoot
    }
    $lock = "$(Get-Content -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'release.lock'))"
    $digest = (Get-FileHash -LiteralPath $wheels[0].FullName -Algorithm SHA256).Hash
    if ($lock -notmatch "--hash=sha256:$digest(\s|$)") {
        throw 'The digest of our own wheel is not the one in release.lock. Fetch the release again.'
    }
    return $wheels[0].FullName
}

function Get-Plan {
    # Ask the Python part what to do. It reads and changes nothing.
    param([string] $Python, [string] $Wheels)
    $planner = Find-Planner
    $start = "import sys; sys.path.insert(0, sys.argv.pop(1)); import runpy; runpy.run_module('service.windows', run_name='__main__', alter_sys=True)"
    $verb = $script:Caller.ParameterSetName.ToLowerInvariant()
    $words = @('-I', '-B', '-c', $start, $planner, 'plan', '--json', '--verb', $verb, '--package', $PSScriptRoot)
    if ($Wheels) {
        $words += @('--wheels', $Wheels)
    }
    if ($PurgeData) {
        $words += '--purge'
    }
    $signature = Get-AuthenticodeSignature -FilePath $Python
    $words += @('--signature', "$($signature.Status)")
    $printed = Invoke-Native -Program $Python -Arguments $words
    return (($printed -join '') | ConvertFrom-Json)
}

function Start-Log {
    # A transcript for the technician; without the right to write one it does without.
    $folder = $LogPath
    if (-not $folder) {
        $folder = "$env:SystemRoot\Logs\Photowarden"
    }
    $file = Join-Path -Path $folder -ChildPath "install-$(Get-Date -Format 'yyyyMMdd-HHmmss').log"
    if (Test-Change -Target $file -Action 'Write a transcript') {
        try {
            $null = New-Item -Path $folder -ItemType Directory -Force
            $null = Start-Transcript -LiteralPath $file
            $script:Transcript = $true
        } catch {
            Write-Told "There is no transcript: $_"
        }
    }
}

function Invoke-TakeLock {
    param($Step)
    $null = New-Item -Path $Step.path -ItemType File
}

function Invoke-MakeFolder {
    param($Step)
    $null = New-Item -Path $Step.path -ItemType Directory -Force
}

function Invoke-RemoveFolder {
    param($Step)
    if (Test-Path -LiteralPath $Step.path) {
        Remove-Item -LiteralPath $Step.path -Recurse -Force
    }
}

function Invoke-RemoveFile {
    param($Step)
    if (Test-Path -LiteralPath $Step.path) {
        Remove-Item -LiteralPath $Step.path -Force
    }
}

function Invoke-WriteText {
    # Beside first, then the final name, so that no reader sees half a file.
    param($Step)
    $beside = "$($Step.path).new"
    Set-Content -LiteralPath $beside -Value $Step.lines -Encoding Ascii
    Move-Item -LiteralPath $beside -Destination $Step.path -Force
}

function Invoke-Run {
    param($Step)
    $accepted = @(0) + @($Step.accept)
    $printed = Invoke-Native -Program $Step.program -Arguments $Step.arguments -Accept $accepted
    Write-Told ($printed -join "`n")
}

function Invoke-SetRegistry {
    param($Step)
    if (-not (Test-Path -LiteralPath $Step.key)) {
        $null = New-Item -Path $Step.key -Force
    }
    Set-ItemProperty -LiteralPath $Step.key -Name $Step.name -Value $Step.value
}

function Invoke-RemoveRegistry {
    param($Step)
    if (Test-Path -LiteralPath $Step.key) {
        Remove-Item -LiteralPath $Step.key -Recurse -Force
    }
}

function Wait-ForService {
    param([string] $Name, [string] $Status, [int] $Seconds)
    for ($second = 0; $second -le $Seconds; $second++) {
        if ((Get-Service -Name $Name).Status -eq $Status) {
            return
        }
        Start-Sleep -Seconds 1
    }
    throw "The service $Name is not $Status after $Seconds seconds."
}

function Invoke-StopService {
    param($Step)
    $service = Get-Service -Name $Step.service -ErrorAction SilentlyContinue
    if ($null -eq $service -or $service.Status -eq 'Stopped') {
        return
    }
    Stop-Service -Name $Step.service -NoWait
    Wait-ForService -Name $Step.service -Status 'Stopped' -Seconds $Step.seconds
}

function Invoke-StartService {
    # Running is not enough: a service that cannot work ends at once.
    param($Step)
    Start-Service -Name $Step.service
    Wait-ForService -Name $Step.service -Status 'Running' -Seconds $Step.seconds
    Start-Sleep -Seconds $Step.steady
    Wait-ForService -Name $Step.service -Status 'Running' -Seconds 0
}

function Invoke-Step {
    # Exactly one function for each kind of step in service/windows/steps.py.
    param($Step)
    switch ($Step.do) {
        'take_lock' {
            Invoke-TakeLock -Step $Step
        }
        'make_folder' {
            Invoke-MakeFolder -Step $Step
        }
        'remove_folder' {
            Invoke-RemoveFolder -Step $Step
        }
        'remove_file' {
            Invoke-RemoveFile -Step $Step
        }
        'write_text' {
            Invoke-WriteText -Step $Step
        }
        'run' {
            Invoke-Run -Step $Step
        }
        'set_registry' {
            Invoke-SetRegistry -Step $Step
        }
        'remove_registry' {
            Invoke-RemoveRegistry -Step $Step
        }
        'stop_service' {
            Invoke-StopService -Step $Step
        }
        'start_service' {
            Invoke-StartService -Step $Step
        }
        default {
            throw "This script does not know the step $($Step.do)."
        }
    }
}

function Invoke-Steps {
    # Carry steps out in order. A step that somebody declines with -Confirm ends it, but on the
    # way back and in tidying the others still follow.
    param($Steps, [switch] $Back)
    foreach ($step in $Steps) {
        $script:Number++
        if (Test-Change -Target $step.target -Action $step.action) {
            Write-Told "$($step.action): $($step.target)"
            Invoke-Step -Step $step
            if ($step.do -eq 'take_lock') {
                $script:Locked = $true
            }
        } elseif (-not $WhatIfPreference -and -not $Back) {
            throw "Declined: $($step.action)"
        }
    }
}

function Invoke-Plan {
    # Steps; on a fault the way back; in every case what must be tidied afterwards.
    param($Plan)
    $script:Number = -1
    $script:Locked = $false
    $wanted = @(@($Plan.steps) | Where-Object { $_.do -eq 'take_lock' })
    try {
        Invoke-Steps -Steps $Plan.steps
        $script:ExitCode = $Plan.exit
    } catch {
        Write-Host "Failed: $_"
        $script:ExitCode = 1603
        if ("$_" -like 'Declined:*') {
            $script:ExitCode = 1602
        }
        if ($wanted.Count -gt 0 -and -not $script:Locked) {
            $script:ExitCode = 1618
        }
        if ($script:Number -ge $Plan.back_from) {
            Invoke-Steps -Steps $Plan.back -Back
        }
    } finally {
        if ($script:Locked -or $wanted.Count -eq 0) {
            Invoke-Steps -Steps $Plan.afterwards -Back
        }
    }
}

if ($env:PROCESSOR_ARCHITEW6432) {
    Restart-In64Bit -Given $PSBoundParameters
}

try {
    $wheels = Find-WheelFolder
    $python = Find-Python -Wheels $wheels
    if (-not $python -or -not (Test-Path -LiteralPath $python -PathType Leaf)) {
        Write-Host 'There is no Python here that the packages are for: 64-bit, 3.11 or newer, for all users.'
        exit 87
    }
    $plan = Get-Plan -Python $python -Wheels $wheels
    if ($Detect) {
        if ($plan.message) {
            Write-Output $plan.message
        }
        exit $plan.exit
    }
    if (-not $Demo -and $plan.exit -ne 5) {
        Start-Log
    }
    if ($plan.exit -eq 0) {
        Invoke-Plan -Plan $plan
    } else {
        $script:ExitCode = $plan.exit
    }
    if ($script:ExitCode -eq $plan.exit) {
        if ($plan.exit -ne 0 -or -not $Silent) {
            Write-Host "$($plan.message) $($plan.remedy) [$($plan.code)]"
        }
    }
} catch {
    Write-Host "Failed: $_"
    $script:ExitCode = 1603
} finally {
    if ($script:Transcript) {
        $null = Stop-Transcript
    }
}
exit $script:ExitCode
